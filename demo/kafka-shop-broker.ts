import { Partitioners, type Consumer, type EachMessagePayload, type IHeaders, type Producer } from 'kafkajs'
import { kafkajsConsumer, listenForPause, type PauseListener } from 'throughline/consumer'
import { connectKafka } from './connect-kafka.ts'
import { hasConsole } from './demo-settings.ts'
import type { ShopBroker, ShopMessage, Subscription } from './shop-broker.ts'
import { springDeadLetterHeaders } from './spring-headers.ts'
import { tryRepeatedly } from './try-repeatedly.ts'

const CORRELATION_HEADER = 'correlation-id'
/** Small fetches, so that a slow consumer's committed position moves every second and not every few minutes. */
const FETCH_BYTES_PER_PARTITION = 64 * 1024

/** An idle fetch holds up a shutdown for this long. */
const FETCH_WAIT_MS = 500

/** Connects as `clientId`. Reads and writes only topics that exist: the parent made them. */
export async function openKafkaShopBroker(clientId: string): Promise<ShopBroker> {
  const kafka = connectKafka(clientId)
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
  const subscriptions = new Map<string, Subscription<unknown>>()
  let pauses: PauseListener | null = null
  await producer.connect()

  const consumer = kafka.consumer({
    groupId: clientId,
    maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
    maxWaitTimeInMs: FETCH_WAIT_MS,
  })
  consumer.on('consumer.crash', ({ payload }) => {
    if (payload.restart) return
    // The client gave up for good; the parent starts the service again.
    console.error(`${clientId}: the consumer stopped:`, payload.error.message)
    process.exit(1)
  })

  return {
    async publish(topic, message) {
      await producer.send({
        topic,
        messages: [
          {
            key: message.key,
            value: JSON.stringify(message.body),
            headers: { [CORRELATION_HEADER]: message.correlationId, 'content-type': 'application/json' },
          },
        ],
      })
    },
    subscribe(subscription) {
      subscriptions.set(subscription.topic, subscription as Subscription<unknown>)
    },
    async start() {
      if (subscriptions.size === 0) return
      pauses = letConsolePause(consumer, clientId, [...subscriptions.keys()])
      await consumer.connect()
      await consumer.subscribe({ topics: [...subscriptions.keys()], fromBeginning: true })
      await consumer.run({
        partitionsConsumedConcurrently: 3,
        autoCommitInterval: 1_000,
        eachMessage: async (payload) => {
          const subscription = subscriptions.get(payload.topic)
          if (subscription === undefined) return
          const error = await tryRepeatedly(subscription.maxAttempts, () => subscription.handle(readMessage(payload)))
          if (error === null) return
          await sendToDeadLetters(producer, clientId, payload, error)
          subscription.onDeadLetter()
        },
      })
    },
    async close() {
      await pauses?.stop()
      await consumer.disconnect()
      await producer.disconnect()
    },
  }
}

/** null when the shop runs without a console. */
function letConsolePause(consumer: Consumer, group: string, topics: readonly string[]): PauseListener | null {
  return hasConsole() ? listenForPause(kafkajsConsumer(consumer, topics), { group, name: group }) : null
}

async function sendToDeadLetters(
  producer: Producer,
  group: string,
  { topic, partition, message }: EachMessagePayload,
  error: Error,
): Promise<void> {
  const failed = { topic, partition, offset: message.offset, timestampMs: Number(message.timestamp), group }
  const headers: IHeaders = { ...message.headers, ...springDeadLetterHeaders(failed, error) }
  // The same partition as at the origin, as Spring does, so that the order of a key survives there too.
  await producer.send({
    topic: `${topic}.DLT`,
    messages: [{ key: message.key, value: message.value, headers, partition }],
  })
}

function readMessage({ message }: EachMessagePayload): ShopMessage<unknown> {
  return {
    key: message.key?.toString() ?? '',
    correlationId: String(message.headers?.[CORRELATION_HEADER] ?? ''),
    body: JSON.parse(message.value?.toString() ?? 'null') as unknown,
  }
}
