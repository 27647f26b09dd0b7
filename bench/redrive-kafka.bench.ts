import { randomBytes, randomUUID } from 'node:crypto'
import { Admin, Producer } from '@platformatic/kafka'
import type { Broker, OutgoingMessage } from '#brokers/broker.ts'
import { openBroker } from '#brokers/registry.ts'
import { openDatabase } from '#db/client.ts'
import { runBench } from './bench-run.ts'
import { measureRedrive, seedLetters } from './redrive-run.ts'

const LANES = 3
const KEYS = 1_000
const BODY_BYTES = 1_000
const AT_ONCE = 1_000
const IN_FLIGHT = 4
const LIMIT_MS = 240_000
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/**
 * Messages/s of a redrive from Kafka to Kafka with the ledger on: 1 kB dead letters of 1,000 keys, from their place back
 * to the origin, claimed and confirmed in Postgres, a span recorded for each. From the start to the last confirmation. Baseline: the same copy by the bare client, without a ledger.
 */
await runBench('redrive-kafka', 100_000, async (bench) => {
  const [databaseUrl, kafka] = [await bench.startDatabase(), await bench.startKafka()]
  const client = openDatabase(databaseUrl, { maxConnections: 20, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  const configuration = { brokers: [kafka.brokers] }
  const broker = await openBroker({ clusterId: 'k', kind: 'kafka', configuration, secret: null })
  bench.onEnd(() => broker.close())
  await createTopics(kafka.brokers, ['orders', 'orders.DLT', 'orders.bare'])
  const lanes = Array.from({ length: LANES }, (_, lane) => String(lane))
  const ground = {
    client,
    broker,
    kind: 'kafka',
    origin: 'orders',
    source: 'orders.DLT',
    lanes,
    makeDeadLetter,
  } as const
  await seedLetters(ground, bench.size)

  const bareMs = await copyBare(kafka.brokers, broker)
  const bare = (bench.size / bareMs) * 1_000
  bench.show('the bare client', `${Math.round(bare)} messages/s`)
  return { ...(await measureRedrive(bench, ground)), unit: 'messages/s', baseline: bare, target: 10_000 }
})

async function createTopics(address: string, topics: string[]): Promise<void> {
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [address], retryDelay: 100 })
  await admin.createTopics({ topics, partitions: LANES, replicas: 1, configs: [{ name: 'retention.ms', value: '-1' }] })
  await admin.close()
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
