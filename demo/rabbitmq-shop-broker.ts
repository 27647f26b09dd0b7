import { connect, type ConfirmChannel, type ConsumeMessage } from 'amqplib'
import { amqplibConsumer, listenForPause, type PauseListener } from 'throughline/consumer'
import { hasConsole } from './demo-settings.ts'
import type { ShopBroker, ShopMessage, Subscription } from './shop-broker.ts'
import { tryRepeatedly } from './try-repeatedly.ts'

const PREFETCH = 20
/** As the launcher registers it. */
const RABBITMQ_CLUSTER = 'rabbitmq'
const KEEP_DEAD_MS = 7 * 86_400_000
const QUORUM = { 'x-queue-type': 'quorum' }

/** The queue of one group's copies of a topic; the topic is an exchange. */
const queueName = (topic: string, group: string): string => `${topic}.${group}`

/**
 * The shop's settlements on RabbitMQ: a topic exchange, a quorum queue for each group, and a dead-letter exchange to which
 * RabbitMQ itself moves what was refused. What is not there is made by whoever comes first.
 */
export async function openRabbitmqShopBroker(service: string, url: string): Promise<ShopBroker> {
  const connection = await connect(url, { clientProperties: { connection_name: service } })
  let isClosing = false
  connection.on('error', (error: Error) => console.error(`${service}: RabbitMQ:`, error.message))
  connection.on('close', () => {
    // The parent starts the service again, which connects anew.
    if (!isClosing) process.exit(1)
  })
  const channel = await connection.createConfirmChannel()
  await channel.prefetch(PREFETCH)
  const subscriptions: Subscription<unknown>[] = []
  const pauses: (PauseListener | null)[] = []
  const declared = new Set<string>()

  return {
    async publish(topic, { key, correlationId, body }) {
      if (!declared.has(topic)) await channel.assertExchange(topic, 'topic')
      declared.add(topic)
      const options = {
        correlationId,
        messageId: crypto.randomUUID(),
        contentType: 'application/json',
        persistent: true,
        headers: { 'x-message-key': key },
      }
      await new Promise<void>((resolve, reject) => {
        channel.publish(topic, `${topic}.made`, Buffer.from(JSON.stringify(body)), options, (error: Error | null) =>
          error === null ? resolve() : reject(error),
        )
      })
    },
    subscribe(subscription) {
      subscriptions.push(subscription as Subscription<unknown>)
    },
    async start() {
      for (const subscription of subscriptions) pauses.push(await consume(channel, subscription))
    },
    async close() {
      isClosing = true
      await Promise.all(pauses.flatMap((one) => one?.stop() ?? []))
      await connection.close()
    },
  }
}

/** @returns what lets the console pause it; null when the shop runs without one */
async function consume(channel: ConfirmChannel, subscription: Subscription<unknown>): Promise<PauseListener | null> {
  const { topic, group, maxAttempts } = subscription
  const queue = queueName(topic, group)
  const [exchange, dead] = [`${topic}.dlx`, `${queue}.dead`]
  await channel.assertExchange(topic, 'topic')
  await channel.assertExchange(exchange, 'direct')
  await channel.assertQueue(dead, { arguments: { ...QUORUM, 'x-message-ttl': KEEP_DEAD_MS } })
  await channel.bindQueue(dead, exchange, queue)
  const deadLetters = { 'x-dead-letter-exchange': exchange, 'x-dead-letter-routing-key': queue }
  await channel.assertQueue(queue, { arguments: { ...QUORUM, ...deadLetters } })
  await channel.bindQueue(queue, topic, '#')
  const consumer = await amqplibConsumer(channel, queue, async (message: ConsumeMessage | null) => {
    if (message === null) return
    const error = await tryRepeatedly(maxAttempts, () => subscription.handle(readMessage(message)))
    if (error === null) channel.ack(message)
    else {
      channel.nack(message, false, false)
      subscription.onDeadLetter()
    }
  })
  if (!hasConsole()) return null
  return listenForPause(consumer, { group: queue, cluster: RABBITMQ_CLUSTER, name: group })
}

function readMessage({ properties, content }: ConsumeMessage): ShopMessage<unknown> {
  return {
    key: String(properties.headers?.['x-message-key'] ?? ''),
    correlationId: String(properties.correlationId ?? ''),
    body: JSON.parse(content.toString()) as unknown,
  }
}
