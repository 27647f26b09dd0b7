import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import type { Broker } from '#brokers/broker.ts'
import { openBroker } from '#brokers/registry.ts'
import { headerText } from '#domain/message.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'

const LANES = 3
const BODY_BYTES = 1_000
const KNOWN_WITHIN_MS = 60_000
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
      for (const topic of [origin, source]) await waitUntilKnown(broker, topic)
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

/** A topic that was made a moment ago is not known at once to whoever asks for it. */
async function waitUntilKnown({ replaySource }: Broker, topic: string): Promise<void> {
  const signal = AbortSignal.timeout(KNOWN_WITHIN_MS)
  for (;;) {
    try {
      await replaySource?.resolve(topic, 0, 1, signal)
      return
    } catch (error) {
      if (signal.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
