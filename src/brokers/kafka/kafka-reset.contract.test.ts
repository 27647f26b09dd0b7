import { randomUUID } from 'node:crypto'
import { Admin, Consumer } from '@platformatic/kafka'
import { afterAll, describe, expect, inject, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { plainMessages, sendAll, signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'

const brokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')

describe.skipIf(brokers === null)(`Kafka offset reset${missing === null ? '' : ` (skipped: ${missing})`}`, async () => {
  const address = brokers ?? '127.0.0.1:1'
  const client = { clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 }
  const admin = new Admin(client)
  const broker: Broker = await openBroker({
    clusterId: 'reset',
    kind: 'kafka',
    configuration: { brokers: [address] },
    secret: null,
  })
  const reset = broker.offsets!.reset!

  afterAll(async () => {
    await Promise.all([broker.close(), admin.close()])
  })

  /** Two partitions; the group has a position on the first alone. */
  const makeGroup = async (): Promise<{ topic: string; group: string }> => {
    const topic = `reset-${randomUUID()}`
    const group = `${topic}-group`
    await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
    await sendAll(broker, plainMessages(topic, 10))
    const partitionOffsets = [{ partition: 0, offset: 3n }]
    await expect
      .poll(
        () =>
          admin.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] }).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true)
    return { topic, group }
  }
  const positionsOf = async (group: string, topic: string) =>
    (await broker.offsets!.read(group, topic, signalOf())).map(({ lane, committed }) => [lane, committed])

  test('positions of a group without members are set and removed, and the lanes that nobody named stay', async () => {
    const { topic, group } = await makeGroup()
    expect(await reset.readActivity(group, signalOf())).toEqual({
      isInactive: true,
      state: 'empty',
      memberCount: 0,
      refusedBecause: null,
    })
    expect(await reset.set(group, topic, [{ lane: '1', to: 2 }], signalOf())).toEqual([{ outcome: 'done' }])
    expect(await positionsOf(group, topic)).toEqual([
      ['0', 3],
      ['1', 2],
    ])
    const both = [
      { lane: '1', to: null },
      { lane: '0', to: 0 },
    ]
    expect(await reset.set(group, topic, both, signalOf())).toEqual([{ outcome: 'done' }, { outcome: 'done' }])
    expect(await positionsOf(group, topic)).toEqual([
      ['0', 0],
      ['1', null],
    ])
  })

  test.each(['classic', 'consumer'] as const)(
    'a group of the %s protocol that has members is told as active, and the broker refuses whoever asks all the same',
    async (groupProtocol) => {
      const { topic, group } = await makeGroup()
      const consumer = new Consumer({ ...client, groupId: group, groupProtocol })
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'committed',
        fallbackMode: 'earliest',
        autocommit: false,
      })
      stream.on('data', () => undefined)
      await expect
        .poll(() => reset.readActivity(group, signalOf()), { timeout: 30_000 })
        .toMatchObject({ isInactive: false, state: 'stable', memberCount: 1 })
      const before = await positionsOf(group, topic)
      const [result] = await reset.set(group, topic, [{ lane: '0', to: 1 }], signalOf())
      expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'conflict', retryable: false } })
      expect(await positionsOf(group, topic)).toEqual(before)
      await consumer.close(true)
    },
  )

  test('a group that is not there is said to be missing, a partition that is not there is refused by itself', async () => {
    await expect(reset.readActivity(`nobody-${randomUUID()}`, signalOf())).rejects.toMatchObject({ code: 'not-found' })
    const { topic, group } = await makeGroup()
    const results = await reset.set(
      group,
      topic,
      [
        { lane: '0', to: 5 },
        { lane: '7', to: 0 },
      ],
      signalOf(),
    )
    expect(results).toMatchObject([{ outcome: 'done' }, { outcome: 'failed' }])
  })
})
