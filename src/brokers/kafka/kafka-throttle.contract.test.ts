import { Admin } from '@platformatic/kafka'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'

const brokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')

describe.skipIf(brokers === null)(
  `Slowing down on Kafka${missing === null ? '' : ` (skipped: ${missing})`}`,
  async () => {
    const address = brokers ?? '127.0.0.1:1'
    const admin = new Admin({ clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 })
    const broker = await openBroker({
      clusterId: 'slow',
      kind: 'kafka',
      configuration: { brokers: [address] },
      secret: null,
    })
    const hold = broker.consumerControl!.holds.find(({ kind }) => kind === 'throttle')!
    afterAll(async () => {
      await Promise.all([broker.close(), admin.close()])
    })

    const quotaOf = async (clientId: string) => {
      const entries = await admin.describeClientQuotas({
        components: [{ entityType: 'client-id', matchType: 0, match: clientId }],
        strict: true,
      })
      return Object.fromEntries(entries.flatMap(({ values }) => values.map(({ key, value }) => [key, value])))
    }
    const setQuota = (clientId: string, key: 'consumer_byte_rate' | 'producer_byte_rate', value: number) =>
      admin.alterClientQuotas({
        entries: [
          { entities: [{ entityType: 'client-id', entityName: clientId }], ops: [{ key, value, remove: false }] },
        ],
      })
    /** A quota is known to every broker a moment after it was accepted. */
    const expectQuota = (clientId: string, quota: Readonly<Record<string, number>>) =>
      expect.poll(() => quotaOf(clientId), { timeout: 20_000 }).toEqual(quota)

    test('client ids get a trickle, and afterwards exactly what each of them had before', async () => {
      await setQuota('slow-old', 'consumer_byte_rate', 50_000)
      await setQuota('slow-old', 'producer_byte_rate', 70_000)
      await expectQuota('slow-old', { consumer_byte_rate: 50_000, producer_byte_rate: 70_000 })
      const before = await hold.read({ group: 'g', clientIds: ['slow-old', 'slow-new', 'slow-old'] }, signalOf())
      expect(before).toEqual({
        quotas: [
          { clientId: 'slow-old', bytesPerSecond: 50_000 },
          { clientId: 'slow-new', bytesPerSecond: null },
        ],
      })
      await hold.apply(before, signalOf())
      await hold.apply(before, signalOf())
      await expectQuota('slow-old', { consumer_byte_rate: 1_024, producer_byte_rate: 70_000 })
      await expectQuota('slow-new', { consumer_byte_rate: 1_024 })
      await hold.restore(before, signalOf())
      await expectQuota('slow-old', { consumer_byte_rate: 50_000, producer_byte_rate: 70_000 })
      await expectQuota('slow-new', {})
      await hold.restore(before, signalOf())
      await expectQuota('slow-old', { consumer_byte_rate: 50_000, producer_byte_rate: 70_000 })
    })

    test('a quota that somebody else set meanwhile is theirs and stays', async () => {
      const before = await hold.read({ group: 'g', clientIds: ['slow-theirs'] }, signalOf())
      await hold.apply(before, signalOf())
      await setQuota('slow-theirs', 'consumer_byte_rate', 9_000)
      await expectQuota('slow-theirs', { consumer_byte_rate: 9_000 })
      await hold.restore(before, signalOf())
      await expectQuota('slow-theirs', { consumer_byte_rate: 9_000 })
    })

    test('a group without client ids cannot be slowed down, and says so', async () => {
      await expect(hold.read({ group: 'nameless', clientIds: [''] }, signalOf())).rejects.toMatchObject({
        code: 'unsupported',
      })
    })
  },
)
