import { createHash } from 'node:crypto'
import type { Broker, LaneLag } from '#brokers/broker.ts'
import { listKeyFloors, type KeyFloor } from '#db/store/key-floor-store.ts'
import { toFailure } from '#domain/failure.ts'
import type { OvertakenKeys } from '#domain/operation/redrive-plan.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'

/** What looking may cost at most: enough for the usual case, and a plan has to be there within seconds. */
const LIMIT_MS = 4_000
const MAX_MESSAGES = 200_000
const MAX_KEYS = 50_000
const BOUND = { maxMessages: 2_000, maxBytes: 4_194_304 }

/**
 * Keys of the manifest of which the group that failed has already taken newer messages at their origin: a copy then
 * arrives after them. Read from the origin's log, from the oldest dead message of a lane to where the group has
 * committed. null where nobody can tell: a queue, or dead letters that name neither place nor group.
 */
export async function findOvertakenKeys(draft: PlanDraft): Promise<OvertakenKeys | null> {
  const { database, broker } = draft
  const { log } = draft.context
  const operationId = draft.row.id
  const { offsets, replaySource } = broker
  if (!offsets || !replaySource) return null
  await draft.tell({ step: 'looking for newer messages of the same keys', doneCount: 0, totalCount: null })
  const floors = await listKeyFloors(database, operationId, MAX_KEYS + 1)
  if (floors.length === 0) return null
  const search: Search = {
    broker,
    signal: AbortSignal.timeout(LIMIT_MS),
    messagesLeft: MAX_MESSAGES,
    isComplete: floors.length <= MAX_KEYS,
    overtaken: new Set(),
  }
  const readings = Map.groupBy(floors, ({ destination, group }) => `${group}\n${destination}`)
  try {
    for (const wanted of readings.values()) await lookBehind(search, wanted)
  } catch (error) {
    // A fact less is no reason not to plan; that it is not the whole truth stands in the answer.
    log.info({ operationId, reason: toFailure(error).message }, 'keys with newer messages are known in part')
    search.isComplete = false
  }
  const keyCount = new Set(floors.map((floor) => floor.orderKey)).size
  return { overtakenCount: search.overtaken.size, keyCount, isComplete: search.isComplete }
}

interface Search {
  readonly broker: Broker
  readonly signal: AbortSignal
  messagesLeft: number
  isComplete: boolean
  readonly overtaken: Set<string>
}

/** All of one group at one destination. */
async function lookBehind(search: Search, floors: readonly KeyFloor[]): Promise<void> {
  const [first] = floors
  const { offsets, replaySource } = search.broker
  if (!first || !offsets || !replaySource) return
  const lanes = await offsets.read(first.group, first.destination, search.signal)
  const ranges = toRanges(floors, lanes)
  const floorOf = new Map(floors.map((floor) => [`${floor.lane} ${floor.orderKey}`, floor.sequence]))
  for await (const page of replaySource.read(first.destination, ranges, BOUND, search.signal)) {
    for (const { key, position } of page.messages) {
      if (key === null) continue
      const orderKey = createHash('sha256').update(key).digest('hex').slice(0, 16)
      const floor = floorOf.get(`${position.lane} ${orderKey}`)
      if (floor !== undefined && Number(position.sequence) > floor) search.overtaken.add(orderKey)
    }
    search.messagesLeft -= page.messages.length
    if (search.messagesLeft > 0) continue
    search.isComplete = false
    return
  }
}

function toRanges(floors: readonly KeyFloor[], lanes: readonly LaneLag[]) {
  return [...Map.groupBy(floors, (floor) => floor.lane)].flatMap(([lane, ofLane]) => {
    const known = lanes.find((one) => one.lane === lane)
    if (known === undefined || known.committed === null) return []
    const from = Math.max(known.start, Math.min(...ofLane.map((floor) => floor.sequence)) + 1)
    return from < known.committed ? [{ lane, from: String(from), to: String(known.committed) }] : []
  })
}
