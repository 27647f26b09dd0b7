import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { openBroker } from '#brokers/registry.ts'
import { connectOther, createQueue, registrationOf } from '#brokers/sqs/sqs-harness.ts'
import { headerText } from '#domain/message.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'

const BODY_BYTES = 750
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Standard queues on a server that speaks as SQS does; dead letters are text of 1 kB. `close` ends what it opened. */
export async function openSqsGround(endpoint: string): Promise<KillGround & { close(): Promise<void> }> {
  const registration = registrationOf(endpoint)
  const broker = await openBroker({ clusterId: 'k', kind: 'sqs', ...registration })
  return {
    kind: 'sqs',
    ...registration,
    broker,
    isEmptied: true,
    isUnordered: true,
    createPlace: async () => {
      const origin = `kill-${randomUUID().slice(0, 8)}`
      const source = `${origin}-dead`
      const other = connectOther(endpoint)
      await createQueue(other, source)
      const policy = { deadLetterTargetArn: `arn:aws:sqs:eu-west-1:000000000000:${source}`, maxReceiveCount: 1_000 }
      await createQueue(other, origin, { RedrivePolicy: JSON.stringify(policy) })
      other.destroy()
      return { origin, source }
    },
    makeMessage: (source, id, key) => ({
      destination: source,
      lane: null,
      key: text(key),
      headers: [{ name: 'event-id', value: text(id) }],
      payload: text(randomBytes(BODY_BYTES).toString('base64')),
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
