import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { connectOther, registrationOf, type RabbitmqAccess } from '#brokers/rabbitmq/rabbitmq-harness.ts'
import { openBroker } from '#brokers/registry.ts'
import { headerText } from '#domain/message.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'

const BODY_BYTES = 1_000
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Quorum queues on a real RabbitMQ; dead letters are binary, of 1 kB. `close` ends what it opened. */
export async function openRabbitmqGround(access: RabbitmqAccess): Promise<KillGround & { close(): Promise<void> }> {
  const registration = registrationOf(access)
  const broker = await openBroker({ clusterId: 'k', kind: 'rabbitmq', ...registration })
  return {
    kind: 'rabbitmq',
    ...registration,
    broker,
    isEmptied: true,
    createPlace: async () => {
      const origin = `kill-${randomUUID().slice(0, 8)}`
      const source = `${origin}.dead`
      const other = await connectOther(access)
      const isQuorum = { 'x-queue-type': 'quorum' }
      await other.channel.assertQueue(source, { arguments: isQuorum })
      const deadLetters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': source }
      await other.channel.assertQueue(origin, { arguments: { ...isQuorum, ...deadLetters } })
      await other.close()
      return { origin, source }
    },
    makeMessage: (source, id, key) => ({
      destination: source,
      lane: null,
      key: text(key),
      headers: [{ name: 'event-id', value: text(id) }],
      payload: randomBytes(BODY_BYTES),
      timestampMs: null,
      idempotencyId: randomUUID(),
    }),
    readIdentity: (message) => ({
      id: headerText(message.headers, 'event-id') ?? 'none',
      digest: createHash('sha256')
        .update(message.payload ?? '')
        .digest('hex'),
    }),
    close: () => broker.close(),
  }
}
