import type { CollectorContext } from '#collector/duty.ts'
import { chooseNearby, readRecords } from '#collector/learn/read-records.ts'
import { listReadableDestinations, type ReadableDestination } from '#db/store/readable-destinations.ts'
import { toFailure } from '#domain/failure.ts'
import { systemOfCluster } from '#domain/flow/destination-reader.ts'
import { listUnnamedMessages, saveRecordIds, type UnnamedMessage } from '#telemetry-store/postgres/record-ids.ts'

/** Records of one round, over all brokers. */
const MAX_RECORDS = 300
const READ_LIMIT_MS = 5_000
/** What could not be read (no permission, no answer) is let alone for this long. */
const REST_MS = 600_000

export type LearnScope = Pick<CollectorContext, 'client' | 'brokers' | 'correlation' | 'log'>

/** Places that could not be read, by cluster and destination, until when they are let alone (ms). */
export type Resting = Map<string, number>

/**
 * Reads a record of each flow that began in a window and has no id on any span, where the place of one of its messages is
 * known. Bounded by the round, whatever comes in: what is left out is looked at again with the next window that holds it.
 * @returns how many records were looked at
 */
export async function learnRecordIds(
  scope: LearnScope,
  window: { readonly fromUs: number; readonly toUs: number; readonly nowMs: number },
  resting: Resting,
  signal: AbortSignal,
): Promise<number> {
  const { client } = scope
  const readable = (await listReadableDestinations(client.database)).filter(
    (place) => (resting.get(keyOf(place)) ?? 0) <= window.nowMs,
  )
  if (readable.length === 0) return 0
  const unnamed = await listUnnamedMessages(client.pool, {
    ...window,
    destinations: [...new Set(readable.map(({ destination }) => destination))],
    limit: MAX_RECORDS,
  })
  const byDestination = Map.groupBy(unnamed, ({ destination }) => destination)
  let count = 0
  for (const [destination, messages] of byDestination) {
    const places = readable.filter((place) => place.destination === destination)
    count += await learnFrom(scope, places, chooseNearby(messages), { ...window, resting, signal })
  }
  return count
}

const keyOf = ({ clusterId, destination }: ReadableDestination): string => JSON.stringify([clusterId, destination])

interface Round {
  readonly nowMs: number
  readonly resting: Resting
  readonly signal: AbortSignal
}

/** Of several clusters with that name the first whose record is the message tells. */
async function learnFrom(
  { client, brokers, correlation, log }: LearnScope,
  places: readonly ReadableDestination[],
  messages: readonly UnnamedMessage[],
  { nowMs, resting, signal }: Round,
): Promise<number> {
  let open = messages
  let hasFailed = false
  for (const place of places) {
    if (open.length === 0 || signal.aborted) break
    try {
      const broker = await brokers.get(place.clusterId)
      const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)])
      const rule = correlation.rules.find(systemOfCluster(broker.kind), place.destination)
      const read = await readRecords(broker, open, { rule, isOnlyCluster: places.length === 1, signal: limit })
      const told = read.filter((one) => one.correlationId !== null || one.aliases.length > 0)
      await saveRecordIds(client.pool, told, nowMs)
      const done = new Set(told.map(({ span }) => span))
      open = open.filter(({ span }) => !done.has(span))
    } catch (error) {
      if (signal.aborted) break
      hasFailed = true
      resting.set(keyOf(place), nowMs + REST_MS)
      const { code, message } = toFailure(error)
      log.warn(
        { clusterId: place.clusterId, destination: place.destination, code, message },
        'records cannot be read for their ids; tried again later',
      )
    }
  }
  if (hasFailed || signal.aborted) return messages.length - open.length
  await saveRecordIds(client.pool, open.map(withoutIds), nowMs)
  return messages.length
}

const withoutIds = ({ span, destination, lane, sequence }: UnnamedMessage) => ({
  span,
  sender: null,
  destination,
  position: `${lane}@${sequence}`,
  correlationId: null,
  foundIn: null,
  aliases: [],
})
