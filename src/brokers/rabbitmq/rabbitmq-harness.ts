import { connect, type Channel, type ChannelModel, type ConfirmChannel, type Options } from 'amqplib'
import type { BrokerHarness } from '#brokers/contract-harness.ts'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { rabbitmqOddMessages } from '#brokers/rabbitmq/rabbitmq-odd-messages.ts'
import { openBroker } from '#brokers/registry.ts'

/** A running RabbitMQ, as the test set-up provides it. */
export interface RabbitmqAccess {
  readonly address: string
  readonly managementUrl: string
  readonly username: string
  readonly password: string
}

export const registrationOf = ({ address, managementUrl, username, password }: RabbitmqAccess) => ({
  configuration: { addresses: [address], managementUrl },
  secret: { username, password },
})

/** amqplib, a client beside the adapter. */
export interface OtherClient {
  readonly connection: ChannelModel
  readonly channel: ConfirmChannel
  close(): Promise<void>
}

export async function connectOther({ address, username, password }: RabbitmqAccess): Promise<OtherClient> {
  const { hostname, port } = new URL(address)
  const connection = await connect({ hostname, port: Number(port), username, password })
  const channel = await connection.createConfirmChannel()
  return { connection, channel, close: () => connection.close() }
}

/** Takes `count` messages, which stay unacknowledged. Fails when there are fewer. */
export async function takeMessages(channel: Channel, queue: string, count: number) {
  const taken = []
  for (let at = 0; at < count; at += 1) {
    const message = await channel.get(queue)
    if (message === false) throw new Error(`${queue} has only ${at} messages`)
    taken.push(message)
  }
  return taken
}

/** What the management API says of a path below `/api/`; with a body it is put there, and nothing is said. */
export async function askManagement(access: RabbitmqAccess, path: string, body?: object): Promise<unknown> {
  const { managementUrl, username, password } = access
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const put = { method: 'PUT', body: JSON.stringify(body) }
  const response = await fetch(`${managementUrl}/api/${path}`, {
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && put),
  })
  if (!response.ok) throw new Error(`the management API answers HTTP ${response.status} at ${path}`)
  return body === undefined ? response.json() : null
}

interface Figures {
  readonly messages?: number
  readonly messages_unacknowledged?: number
}

/** Waits until the figures, which come after the fact, show so many messages and none that somebody holds. */
export async function waitForFigures(access: RabbitmqAccess, queue: string, messages: number): Promise<void> {
  for (const deadlineMs = performance.now() + 60_000; ;) {
    const figures = (await askManagement(access, `queues/%2F/${encodeURIComponent(queue)}`)) as Figures
    if (figures.messages === messages && figures.messages_unacknowledged === 0) return
    if (performance.now() > deadlineMs) throw new Error(`${queue} does not show ${messages} messages`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Dead-lettering comes a moment after the refusal. */
async function waitForReady(channel: Channel, queue: string, count: number): Promise<void> {
  for (const deadlineMs = performance.now() + 60_000; ;) {
    if ((await channel.checkQueue(queue)).messageCount === count) return
    if (performance.now() > deadlineMs) throw new Error(`${queue} does not have ${count} messages`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const publishOptions = ({ key, headers, timestampMs }: OutgoingMessage): Options.Publish => ({
  persistent: true,
  ...(timestampMs !== null && { timestamp: Math.floor(timestampMs / 1_000) }),
  headers: {
    ...Object.fromEntries(
      headers.map(({ name, value }) => [name, value === null ? null : Buffer.from(value).toString()]),
    ),
    ...(key !== null && { 'x-message-key': Buffer.from(key).toString() }),
  },
})

/** A name that does not fit AMQP. */
const refusedMessage = (destination: string): OutgoingMessage => ({
  destination,
  lane: null,
  key: null,
  headers: [{ name: 'n'.repeat(256), value: null }],
  payload: Buffer.from('{}'),
  timestampMs: null,
  idempotencyId: crypto.randomUUID(),
})

/** Sends so many and refuses them; what waited there before is put aside and given back. @returns how many those were */
async function refuseMessages(channel: ConfirmChannel, origin: string, count: number): Promise<number> {
  const waiting = (await channel.checkQueue(origin)).messageCount
  const aside = await takeMessages(channel, origin, waiting)
  for (let ordinal = 0; ordinal < count; ordinal += 1) {
    channel.publish('', origin, Buffer.from(JSON.stringify({ ordinal })), { messageId: crypto.randomUUID() })
  }
  await channel.waitForConfirms()
  for (const message of await takeMessages(channel, origin, count)) channel.nack(message, false, false)
  for (const message of aside) channel.nack(message, false, true)
  return waiting
}

/** The laws' harness over queues of one type. */
export function createRabbitmqHarness(
  access: RabbitmqAccess,
  other: () => OtherClient,
  type: 'classic' | 'quorum',
): BrokerHarness {
  let made = 0
  let latest = ''
  const totals = new Map<string, number>()
  const odd = new Map<string, Options.Publish>()
  const declare = (queue: string, args: Record<string, unknown> = {}) =>
    other().channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type, ...args } })
  const placeOf = (origin: string): string => `${origin}.dead`
  return {
    open: () => openBroker({ clusterId: 'contract', kind: 'rabbitmq', ...registrationOf(access) }),
    // A queue's consumers are its one group.
    uniqueName: (hint) => (hint === 'group' ? latest : `${type} ${hint}/ü-${made++}`),
    createDestination: async (name) => {
      latest = name
      await declare(placeOf(name))
      await declare(name, { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': placeOf(name) })
    },
    produce: async (queue, messages) => {
      const { channel } = other()
      for (const message of messages) {
        const options = odd.get(message.idempotencyId) ?? publishOptions(message)
        channel.publish('', queue, Buffer.from(message.payload ?? ''), options)
      }
      await channel.waitForConfirms()
      totals.set(queue, (totals.get(queue) ?? 0) + messages.length)
    },
    consumeAndCommit: async (_group, queue, count) => {
      const { channel } = other()
      for (const message of await takeMessages(channel, queue, count)) channel.ack(message)
      const left = (totals.get(queue) ?? 0) - count
      totals.set(queue, left)
      await waitForFigures(access, queue, left)
    },
    deadLetter: async (origin, count) => {
      const place = placeOf(origin)
      const total = (totals.get(place) ?? 0) + count
      totals.set(place, total)
      const { channel } = other()
      const waiting = await refuseMessages(channel, origin, count)
      await waitForReady(channel, place, total)
      // Only a backlog is compared with figures that come after the fact.
      if (waiting > 0) await waitForFigures(access, origin, waiting)
      return place
    },
    fingerprint: async (queue) => {
      const { messageCount, consumerCount } = await other().channel.checkQueue(queue)
      const bindings = await askManagement(access, `queues/%2F/${encodeURIComponent(queue)}/bindings`)
      return { messageCount, consumerCount, bindings }
    },
    oddMessages: (destination) =>
      rabbitmqOddMessages(destination).map(({ message, options }) => {
        odd.set(message.idempotencyId, options)
        return message
      }),
    refusedMessage,
    lacks: { timestamps: true },
  }
}
