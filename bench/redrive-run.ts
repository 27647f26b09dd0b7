import { randomUUID } from 'node:crypto'
import type { Broker, OutgoingMessage } from '#brokers/broker.ts'
import { openSpanIntake } from '#collector/ingest/open-span-intake.ts'
import { approveOperation } from '#commands/operation/approve.ts'
import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { startOperation } from '#commands/operation/start.ts'
import type { DatabaseClient } from '#db/client.ts'
import { cluster, destination } from '#db/schema/cluster.ts'
import { readApprovalFacts } from '#db/store/approval-store.ts'
import type { ClusterRow } from '#db/store/cluster-store.ts'
import { readOperation } from '#db/store/operation-store.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { printPosition } from '#domain/position.ts'
import { OPERATOR, planAsPerson, seedDeadLetters, SILENT_LOG, waitForState } from '#engine/engine-fixture.ts'
import { startOperations } from '#engine/start-operations.ts'
import type { Bench } from './bench-run.ts'

const AT_ONCE = 1_000
const LIMIT_MS = 240_000
const APPROVER = { kind: 'person', id: 'p2', name: 'Paul', role: 'approver' } as const

export interface RedriveGround {
  readonly client: DatabaseClient
  readonly broker: Broker
  readonly kind: ClusterRow['kind']
  readonly origin: string
  /** The dead-letter place. */
  readonly source: string
  readonly lanes: readonly string[]
  readonly makeDeadLetter: (at: number) => OutgoingMessage
}

/** Dead letters in the broker, and in the inbox as the poll would put them there. */
export async function seedLetters(ground: RedriveGround, count: number): Promise<void> {
  const { client, broker, kind, origin, source, lanes, makeDeadLetter } = ground
  await client.database.insert(cluster).values({ id: 'k', kind, name: 'K', configuration: {} })
  const known = { clusterId: 'k', kind: 'topic' as const, lanes: [...lanes], settings: {}, seenAt: new Date() }
  await client.database.insert(destination).values([origin, source].map((name) => ({ ...known, name })))
  const place = { clusterId: 'k', destination: source, fingerprint: 'bench' }
  for (let from = 0; from < count; from += AT_ONCE) {
    const messages = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => makeDeadLetter(from + at))
    const results = await broker.send.send(messages, AbortSignal.timeout(LIMIT_MS))
    const letters = messages.map((message, at) => {
      const result = results[at]
      if (result?.outcome !== 'confirmed' || result.position === null) throw new Error('a dead letter was not taken')
      const position = printPosition(result.position)
      return { position, key: message.key, originDestination: origin, payloadBytes: message.payload?.length ?? 0 }
    })
    await seedDeadLetters(client.database, place, letters)
  }
}

/** Plans, approves and sends what was seeded, with the ledger on and a span for each copy. */
export async function measureRedrive(
  bench: Bench,
  { client, broker, source }: RedriveGround,
): Promise<{ readonly value: number; readonly planMs: number; readonly repeatedSends: number }> {
  const approvalSeal = createApprovalSeal(randomUUID())
  const intake = await openSpanIntake({ pool: client.pool, log: SILENT_LOG })
  bench.onEnd(() => intake.close())
  const operations = startOperations({
    client,
    brokers: { get: async () => broker },
    telemetry: { ...intake.telemetry, readDeliveriesOf: async () => [] },
    log: SILENT_LOG,
    holder: randomUUID(),
    approvalSeal,
  })
  bench.onEnd(() => operations.stop())
  const planStart = performance.now()
  const wish = { clusterId: 'k', source, fingerprint: 'bench', ratePerSecond: 100_000 }
  const planned = await planAsPerson(client.database, wish)
  const planMs = performance.now() - planStart
  bench.show('planned', `${Math.round(planMs)} ms`)

  const operationId = planned.operation.id
  // As many messages as this need a second person.
  const { planHash } = await readApprovalFacts(client.database, operationId)
  const approval = { operationId, planHash, reason: 'to be measured' }
  await approveOperation({ database: client.database, actor: APPROVER, approvalSeal }, approval)
  const sendStart = performance.now()
  const start = { operationId, manifestHash: planned.operation.manifestHash ?? '' }
  await startOperation({ database: client.database, actor: OPERATOR, approvalSeal }, start)
  await waitUntilOver(client, operationId)
  const value = (bench.size / (performance.now() - sendStart)) * 1_000
  const done = await waitForState(client.database, operationId, ['completed', 'paused', 'failed'])
  if (done.operation.state !== 'completed' || !isConserved(bench.size, done.counts)) {
    throw new Error(`the redrive ended ${done.operation.state}: ${done.operation.stateReason}`)
  }
  bench.show('redriven with the ledger', `${Math.round(value)} messages/s`)
  return { value, planMs, repeatedSends: done.counts.repeatedSends }
}

/** Looks at one row alone: counting the ledger all the time would be measured too. */
async function waitUntilOver(client: DatabaseClient, operationId: string): Promise<void> {
  const until = performance.now() + LIMIT_MS
  for (;;) {
    const row = await readOperation(client.database, operationId)
    if (row !== null && !['queued', 'running'].includes(row.state)) return
    if (performance.now() > until) throw new Error('the redrive does not end')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
