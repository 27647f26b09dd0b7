import { randomUUID } from 'node:crypto'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { startOperation } from '#commands/operation/start.ts'
import type { DatabaseClient } from '#db/client.ts'
import { destination } from '#db/schema/cluster.ts'
import { GAP } from '#db/store/operation-ledger-store.ts'
import { listOperationItems, type OperationItemRow, type OperationView } from '#db/store/operation-view-store.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { printPosition } from '#domain/position.ts'
import { OPERATOR, planAsPerson, seedDeadLetters, startTestEngine, waitForState } from '#engine/engine-fixture.ts'
import { sendAll, type KillGround } from '#engine/kill-suite/kill-ground.ts'

/** A message for a dead-letter place, and where it is to be sent back to. */
export interface DeadLetter {
  readonly message: Partial<OutgoingMessage>
  readonly origin: string
}

export interface RedriveEnd {
  readonly view: OperationView
  readonly items: readonly OperationItemRow[]
}

/**
 * For tests: puts these at the dead-letter place and on record, plans, does `meanwhile`, starts, and waits for the end.
 * @throws Error when the redrive does not complete, or its counts do not add up
 */
export async function redriveLetters(
  client: DatabaseClient,
  ground: KillGround,
  source: string,
  letters: readonly DeadLetter[],
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<RedriveEnd> {
  const { database: ledger } = client
  const origins = [...new Set(letters.map((letter) => letter.origin))]
  const known = { clusterId: 'k', kind: 'topic' as const, lanes: ['0', '1', '2'], settings: {}, seenAt: new Date() }
  await ledger
    .insert(destination)
    .values(origins.map((name) => ({ ...known, name })))
    .onConflictDoNothing()
  const fingerprint = await placeLetters(client, ground, source, letters)
  const engine = startTestEngine({ client, broker: ground.broker })
  try {
    const { operation } = await planAsPerson(ledger, { clusterId: 'k', source, fingerprint })
    await meanwhile()
    const start = { operationId: operation.id, manifestHash: operation.manifestHash ?? '' }
    await startOperation({ database: ledger, actor: OPERATOR }, start)
    const view = await waitForState(ledger, operation.id, ['completed', 'partial', 'paused', 'failed'], 120_000)
    const page = { operationId: operation.id, states: [], outcomes: [], limit: 10_000, afterOrdinal: null }
    const items = await listOperationItems(ledger, page)
    expectEnd(view, items)
    if (!isConserved(letters.length, view.counts)) throw new Error('the counts of the redrive do not add up')
    return { view, items }
  } finally {
    await engine.stop()
  }
}

/** A redrive with gaps is partial, and says so. */
function expectEnd({ operation: { state, stateReason } }: OperationView, items: readonly OperationItemRow[]): void {
  const hasGaps = items.some((item) => item.reason?.startsWith(GAP))
  const isAsExpected = hasGaps
    ? state === 'partial' && stateReason?.includes('gone at their source') === true
    : state === 'completed' && stateReason === null
  if (!isAsExpected) throw new Error(`the redrive is ${state}: ${stateReason}`)
}

/** @returns the fingerprint under which they are on record */
async function placeLetters(
  { database }: DatabaseClient,
  ground: KillGround,
  source: string,
  letters: readonly DeadLetter[],
): Promise<string> {
  const outgoing = letters.map(({ message }) => ({
    destination: source,
    lane: null,
    key: null,
    headers: [],
    payload: null,
    timestampMs: null,
    idempotencyId: randomUUID(),
    ...message,
  }))
  const positions = await sendAll(ground, outgoing)
  const fingerprint = randomUUID()
  const place = { clusterId: 'k', destination: source, fingerprint }
  const seeded = outgoing.flatMap((message, at) => {
    const [position, letter] = [positions[at], letters[at]]
    return position === undefined || letter === undefined
      ? []
      : [{ position: printPosition(position), key: message.key, originDestination: letter.origin }]
  })
  await seedDeadLetters(database, place, seeded)
  return fingerprint
}

/** Why those of one destination were not sent. */
export const reasonsOf = (items: readonly OperationItemRow[], origin: string): readonly (string | null)[] =>
  items.filter((item) => item.targetDestination === origin && item.state === 'failed').map((item) => item.reason)
