import { randomUUID } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import { openBroker } from '#brokers/registry.ts'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { openDatabase, type DatabaseClient } from '#db/client.ts'
import { cluster, destination } from '#db/schema/cluster.ts'
import { readOperation } from '#db/store/operation-store.ts'
import { OPERATOR, seedDeadLetters, SILENT_LOG } from '#engine/engine-fixture.ts'
import { startOperations } from '#engine/start-operations.ts'
import { runBench } from './bench-run.ts'

const LANES = 3
const KEYS = 5_000
const AT_ONCE = 5_000
const LIMIT_MS = 120_000
const LOOK_EVERY_MS = 100
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/**
 * Seconds from asking for a plan to the whole dry run of 100,000 dead letters: manifest, an edit tried on every message,
 * keys with newer messages looked for in the origin's log, facts and hash, with its progress shown meanwhile.
 */
await runBench('plan', 100_000, async (bench) => {
  const [databaseUrl, kafka] = [await bench.startDatabase(), await bench.startKafka()]
  const client = openDatabase(databaseUrl, { maxConnections: 10, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  const broker = await openBroker({
    clusterId: 'k',
    kind: 'kafka',
    configuration: { brokers: [kafka.brokers] },
    secret: null,
  })
  bench.onEnd(() => broker.close())
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [kafka.brokers], retryDelay: 100 })
  await admin.createTopics({ topics: ['orders'], partitions: LANES, replicas: 1 })
  await admin.close()
  await seed(client, bench.size)

  const operations = startOperations({
    client,
    brokers: { get: async () => broker },
    telemetry: { recordOwnSpans: async () => undefined, readDeliveriesOf: async () => [] },
    log: SILENT_LOG,
    holder: randomUUID(),
  })
  bench.onEnd(() => operations.stop())
  const startMs = performance.now()
  const { operationId } = await planRedrive(
    { database: client.database, actor: OPERATOR },
    {
      requestKey: randomUUID(),
      clusterId: 'k',
      source: 'orders.DLT',
      selection: { fingerprint: 'bench' },
      reason: 'to be measured',
      ratePerSecond: 1_000,
      canarySize: 10,
      target: 'origin',
      edit: [{ act: 'set', part: 'header', at: 'mended', value: 'yes' }],
    },
  )
  const steps = new Map<string, number>()
  for (;;) {
    const row = await readOperation(client.database, operationId)
    const elapsedMs = performance.now() - startMs
    if (row?.state === 'planned') break
    if (row === null || row.state !== 'planning' || elapsedMs > LIMIT_MS) {
      throw new Error(`the plan is ${row?.state}: ${row?.stateReason}`)
    }
    const step = row.planProgress?.step ?? 'waiting for the collector'
    if (!steps.has(step)) steps.set(step, elapsedMs)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  const value = (performance.now() - startMs) / 1_000
  for (const [step, atMs] of steps) bench.show(`seen: ${step}`, `at ${(atMs / 1_000).toFixed(1)} s`)
  const row = await readOperation(client.database, operationId)
  if (row?.plan?.sendCount !== bench.size) throw new Error(`planned ${row?.plan?.sendCount} of ${bench.size}`)
  bench.show('planned', `${value.toFixed(1)} s`)
  return { value, unit: 's', baseline: null, stepsSeen: steps.size, target: 10 }
})

/** Dead letters as the poll would put them on record, with keys, places and groups; their origin's log is empty. */
async function seed(client: DatabaseClient, count: number): Promise<void> {
  await client.database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
  const lanes = Array.from({ length: LANES }, (_, lane) => String(lane))
  const known = { clusterId: 'k', kind: 'topic' as const, lanes, settings: {}, seenAt: new Date() }
  await client.database.insert(destination).values(['orders', 'orders.DLT'].map((name) => ({ ...known, name })))
  const place = { clusterId: 'k', destination: 'orders.DLT', fingerprint: 'bench' }
  for (let from = 0; from < count; from += AT_ONCE) {
    const letters = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => ({
      position: `${(from + at) % LANES}@${from + at}`,
      key: text(`key-${(from + at) % KEYS}`),
      originDestination: 'orders',
      originPosition: `${(from + at) % LANES}@${from + at}`,
      consumerGroup: 'payments',
      payloadBytes: 1_000,
    }))
    await seedDeadLetters(client.database, place, letters)
  }
}
