import { randomBytes, randomUUID } from 'node:crypto'
import { Admin, Producer } from '@platformatic/kafka'
import type { Broker, OutgoingMessage } from '#brokers/broker.ts'
import { openSpanIntake } from '#collector/ingest/open-span-intake.ts'
import { openBroker } from '#brokers/registry.ts'
import { openDatabase, type DatabaseClient } from '#db/client.ts'
import { cluster, destination } from '#db/schema/cluster.ts'
import { readApprovalFacts } from '#db/store/approval-store.ts'
import { seedDeadLetters, SILENT_LOG, planAsPerson, waitForState, OPERATOR } from '#engine/engine-fixture.ts'
import { startOperations } from '#engine/start-operations.ts'
import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { readOperation } from '#db/store/operation-store.ts'
import { approveOperation } from '#commands/operation/approve.ts'
import { startOperation } from '#commands/operation/start.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { printPosition } from '#domain/position.ts'
import { runBench } from './bench-run.ts'

const LANES = 3
const KEYS = 1_000
const BODY_BYTES = 1_000
const AT_ONCE = 1_000
const IN_FLIGHT = 4
const LIMIT_MS = 240_000
const APPROVER = { kind: 'person', id: 'p2', name: 'Paul', role: 'approver' } as const
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/**
 * Messages/s of a redrive from Kafka to Kafka with the ledger on: 1 kB dead letters of 1,000 keys, from their place back
 * to the origin, claimed and confirmed in Postgres, a span recorded for each. Baseline: the same copy by the bare client, without a ledger.
 */
await runBench('redrive-kafka', 30_000, async (bench) => {
  const [databaseUrl, kafka] = [await bench.startDatabase(), await bench.startKafka()]
  const client = openDatabase(databaseUrl, { maxConnections: 20, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  const configuration = { brokers: [kafka.brokers] }
  const broker = await openBroker({ clusterId: 'k', kind: 'kafka', configuration, secret: null })
  bench.onEnd(() => broker.close())
  await createTopics(kafka.brokers, ['orders', 'orders.DLT', 'orders.bare'])
  await seed(client, broker, bench.size)

  const bareMs = await copyBare(kafka.brokers, broker)
  const bare = (bench.size / bareMs) * 1_000
  bench.show('the bare client', `${Math.round(bare)} messages/s`)

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
  const wish = { clusterId: 'k', source: 'orders.DLT', fingerprint: 'bench', ratePerSecond: 100_000 }
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
  return { value, unit: 'messages/s', baseline: bare, planMs, repeatedSends: done.counts.repeatedSends, target: 10_000 }
})

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

async function createTopics(address: string, topics: string[]): Promise<void> {
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [address], retryDelay: 100 })
  await admin.createTopics({ topics, partitions: LANES, replicas: 1, configs: [{ name: 'retention.ms', value: '-1' }] })
  await admin.close()
}

/** Dead letters in the broker, and in the inbox as the poll would put them there. */
async function seed(client: DatabaseClient, broker: Broker, count: number): Promise<void> {
  await client.database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
  const lanes = Array.from({ length: LANES }, (_, lane) => String(lane))
  const known = { clusterId: 'k', kind: 'topic' as const, lanes, settings: {}, seenAt: new Date() }
  await client.database.insert(destination).values(['orders', 'orders.DLT'].map((name) => ({ ...known, name })))
  const place = { clusterId: 'k', destination: 'orders.DLT', fingerprint: 'bench' }
  for (let from = 0; from < count; from += AT_ONCE) {
    const messages = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => makeDeadLetter(from + at))
    const results = await broker.send.send(messages, AbortSignal.timeout(LIMIT_MS))
    const letters = messages.map((message, at) => {
      const result = results[at]
      if (result?.outcome !== 'confirmed' || result.position === null) throw new Error('a dead letter was not taken')
      const position = printPosition(result.position)
      return { position, key: message.key, originDestination: 'orders', payloadBytes: BODY_BYTES }
    })
    await seedDeadLetters(client.database, place, letters)
  }
}

function makeDeadLetter(at: number): OutgoingMessage {
  return {
    destination: 'orders.DLT',
    lane: null,
    key: text(`key-${at % KEYS}`),
    headers: [
      { name: 'kafka_dlt-original-topic', value: text('orders') },
      { name: 'kafka_dlt-exception-fqcn', value: text('java.lang.IllegalStateException') },
      {
        name: 'traceparent',
        value: text(`00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`),
      },
    ],
    payload: randomBytes(BODY_BYTES),
    timestampMs: null,
    idempotencyId: randomUUID(),
  }
}

/** Read in pages, sent in batches with acks=all and idempotence, four in flight. @returns ms */
async function copyBare(address: string, broker: Broker): Promise<number> {
  const source = broker.replaySource
  if (source === undefined) throw new Error('Kafka can be read')
  const producer = new Producer({
    clientId: 'bare',
    bootstrapBrokers: [address],
    idempotent: true,
    acks: -1,
    retries: 5,
    retryDelay: 100,
  })
  const signal = AbortSignal.timeout(LIMIT_MS)
  const startedMs = performance.now()
  const ranges = await source.resolve('orders.DLT', 0, Date.now() + LIMIT_MS, signal)
  const flying: Promise<unknown>[] = []
  for await (const page of source.read('orders.DLT', ranges, { maxMessages: AT_ONCE, maxBytes: 4_000_000 }, signal)) {
    if (flying.length >= IN_FLIGHT) await flying.shift()
    const messages = page.messages.map(({ key, payload }) => ({
      topic: 'orders.bare',
      key: Buffer.from(key ?? ''),
      value: Buffer.from(payload ?? ''),
    }))
    flying.push(producer.send({ messages }))
  }
  await Promise.all(flying)
  const elapsedMs = performance.now() - startedMs
  await producer.close()
  return elapsedMs
}
