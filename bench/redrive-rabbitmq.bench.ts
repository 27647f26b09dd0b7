import { randomBytes, randomUUID } from 'node:crypto'
import { connect, type ConfirmChannel } from 'amqplib'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { openBroker } from '#brokers/registry.ts'
import { openDatabase } from '#db/client.ts'
import { runBench } from './bench-run.ts'
import { measureRedrive, seedLetters } from './redrive-run.ts'

const KEYS = 1_000
const BODY_BYTES = 1_000
/** What the protocol can say. */
const MOST_UNACKNOWLEDGED = 65_535
const QUEUES = ['orders', 'orders.dead', 'orders.bare'] as const
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/**
 * Messages/s of a redrive from one quorum queue of RabbitMQ to another with the ledger on: 1 kB dead letters of 1,000
 * keys, from their place back to the origin, claimed and confirmed in Postgres, a span recorded for each. Baseline: the
 * same copy by the bare client (amqplib, confirms, then the messages given back), without a ledger.
 */
await runBench('redrive-rabbitmq', 20_000, async (bench) => {
  const [databaseUrl, rabbitmq] = [await bench.startDatabase(), await bench.startRabbitmq()]
  const { address, managementUrl, username, password } = rabbitmq
  const client = openDatabase(databaseUrl, { maxConnections: 20, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  const registration = { configuration: { addresses: [address], managementUrl }, secret: { username, password } }
  const broker = await openBroker({ clusterId: 'k', kind: 'rabbitmq', ...registration })
  bench.onEnd(() => broker.close())
  const { hostname, port } = new URL(address)
  const connection = await connect({ hostname, port: Number(port), username, password })
  const channel = await connection.createConfirmChannel()
  for (const queue of QUEUES) await channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } })
  const ground = {
    client,
    broker,
    kind: 'rabbitmq',
    origin: 'orders',
    source: 'orders.dead',
    lanes: [''],
    makeDeadLetter,
  } as const
  await seedLetters(ground, bench.size)

  const bare = (bench.size / (await copyBare(channel, bench.size))) * 1_000
  await connection.close()
  bench.show('the bare client', `${Math.round(bare)} messages/s`)
  return { ...(await measureRedrive(bench, ground)), unit: 'messages/s', baseline: bare, target: 4_000 }
})

function makeDeadLetter(at: number): OutgoingMessage {
  return {
    destination: 'orders.dead',
    lane: null,
    key: text(`key-${at % KEYS}`),
    headers: [
      { name: 'event-id', value: text(String(at)) },
      { name: 'traceparent', value: text(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`) },
    ],
    payload: randomBytes(BODY_BYTES),
    timestampMs: null,
    idempotencyId: randomUUID(),
  }
}

/** Consumed and published with confirms; not acknowledged, so that the redrive has them again. @returns ms */
async function copyBare(channel: ConfirmChannel, count: number): Promise<number> {
  // A quorum queue gives a consumer that sets no limit 2,000 at most.
  await channel.prefetch(Math.min(count, MOST_UNACKNOWLEDGED))
  const startedMs = performance.now()
  const copied = Promise.withResolvers<void>()
  let done = 0
  const { consumerTag } = await channel.consume('orders.dead', (message) => {
    if (message === null) return
    channel.publish('', 'orders.bare', message.content, message.properties, (error: unknown) => {
      if (error !== null && error !== undefined) copied.reject(error)
      done += 1
      if (done === count) copied.resolve()
    })
  })
  await copied.promise
  const elapsedMs = performance.now() - startedMs
  await channel.cancel(consumerTag)
  return elapsedMs
}
