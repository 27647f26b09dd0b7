import { randomBytes, randomUUID } from 'node:crypto'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { openBroker } from '#brokers/registry.ts'
import { openDatabase } from '#db/client.ts'
import { runBench } from './bench-run.ts'
import { measureRedrive, seedLetters } from './redrive-run.ts'

const BODY_BYTES = 750
/** Workers of the bare client: as many requests at a time as the adapter makes. */
const AT_ONCE = 8
const QUEUES = ['orders', 'orders-dlq', 'orders-bare', 'orders-bare-dlq'] as const
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/**
 * Messages/s of a redrive from one standard queue to another with the ledger on, on ElasticMQ: 1 kB dead letters, from
 * their place back to the origin, claimed and confirmed in Postgres, a span recorded for each. Baseline: the bare client
 * of AWS on the same server (receive, send, delete in tens), without a ledger; the target is half of it.
 */
await runBench('redrive-sqs', 4_000, async (bench) => {
  const [databaseUrl, { endpoint }] = [await bench.startDatabase(), await bench.startElasticmq()]
  const client = openDatabase(databaseUrl, { maxConnections: 20, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  const secret = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const registration = { configuration: { region: 'eu-west-1', endpoint }, secret }
  const broker = await openBroker({ clusterId: 'k', kind: 'sqs', ...registration })
  bench.onEnd(() => broker.close())
  const sqs = new SQSClient({ region: 'eu-west-1', endpoint, credentials: secret })
  for (const queue of QUEUES) await sqs.send(new CreateQueueCommand({ QueueName: queue }))
  const ground = {
    client,
    broker,
    kind: 'sqs',
    origin: 'orders',
    source: 'orders-dlq',
    lanes: [''],
    makeDeadLetter: (at: number) => makeDeadLetter('orders-dlq', at),
  } as const
  const bare = Array.from({ length: bench.size }, (_, at) => makeDeadLetter('orders-bare-dlq', at))
  await broker.send.send(bare, AbortSignal.timeout(240_000))
  await seedLetters(ground, bench.size)

  const baseline = (bench.size / (await moveBare(sqs, endpoint, bench.size))) * 1_000
  sqs.destroy()
  bench.show('the bare client', `${Math.round(baseline)} messages/s`)
  return { ...(await measureRedrive(bench, ground)), unit: 'messages/s', baseline, target: baseline / 2 }
})

function makeDeadLetter(destination: string, at: number): OutgoingMessage {
  return {
    destination,
    lane: null,
    key: null,
    headers: [
      { name: 'event-id', value: text(String(at)) },
      { name: 'traceparent', value: text(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`) },
    ],
    payload: text(randomBytes(BODY_BYTES).toString('base64')),
    timestampMs: null,
    idempotencyId: randomUUID(),
  }
}

/** @returns ms */
async function moveBare(sqs: SQSClient, endpoint: string, count: number): Promise<number> {
  const [from, to] = [`${endpoint}/000000000000/orders-bare-dlq`, `${endpoint}/000000000000/orders-bare`]
  const startedMs = performance.now()
  let moved = 0
  const work = async (): Promise<void> => {
    while (moved < count) {
      const ask = { QueueUrl: from, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }
      const { Messages: messages = [] } = await sqs.send(new ReceiveMessageCommand(ask))
      if (messages.length === 0) continue
      const entries = messages.map((one, id) => ({
        Id: `${id}`,
        MessageBody: one.Body,
        MessageAttributes: one.MessageAttributes,
      }))
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: to, Entries: entries }))
      const gone = messages.map(({ ReceiptHandle: handle }, id) => ({ Id: `${id}`, ReceiptHandle: handle }))
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: from, Entries: gone }))
      moved += messages.length
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return performance.now() - startedMs
}
