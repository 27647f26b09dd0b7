import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import { openBroker } from '#brokers/registry.ts'
import { headerText } from '#domain/message.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'

const LANES = 3
const BODY_BYTES = 1_000
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Topics on a real Kafka; dead letters are binary, of 1 kB, with Spring's headers. `close` ends what it opened. */
export async function openKafkaGround(address: string): Promise<KillGround & { close(): Promise<void> }> {
  const configuration = { brokers: [address] }
  const broker = await openBroker({ clusterId: 'k', kind: 'kafka', configuration, secret: null })
  const admin = new Admin({ clientId: 'kill-suite', bootstrapBrokers: [address], retryDelay: 100 })
  return {
    kind: 'kafka',
    configuration,
    secret: null,
    broker,
    isEmptied: false,
    createPlace: async () => {
      const origin = `kill-${randomUUID().slice(0, 8)}`
      const source = `${origin}.DLT`
      const configs = [{ name: 'retention.ms', value: '-1' }]
      await admin.createTopics({ topics: [origin, source], partitions: LANES, replicas: 1, configs })
      return { origin, source }
    },
    makeMessage: (source, id, key) => ({
      destination: source,
      lane: null,
      key: text(key),
      headers: [
        { name: 'event-id', value: text(id) },
        { name: 'kafka_dlt-exception-fqcn', value: text('java.lang.IllegalStateException') },
      ],
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
    close: async () => {
      await admin.close()
      await broker.close()
    },
  }
}
