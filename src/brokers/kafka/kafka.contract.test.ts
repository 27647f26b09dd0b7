import { Admin, Producer } from '@platformatic/kafka'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, describe, inject } from 'vitest'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { type BrokerHarness, plainMessage } from '#brokers/contract-harness.ts'
import { describeBrokerContract } from '#brokers/contract.ts'
import { ODD_MESSAGES } from '#brokers/odd-messages.ts'
import { openBroker } from '#brokers/registry.ts'

const brokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')

describe.skipIf(brokers === null)(`Kafka${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const address = brokers ?? '127.0.0.1:1'
  const kafka = new Kafka({ clientId: 'harness', brokers: [address], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const client = { clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 }
  const maker = new Admin(client)
  const producer = new Producer({ ...client, idempotent: true, retries: 5 })
  let made = 0

  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.close(), maker.close()])
  })

  const harness: BrokerHarness = {
    open: () =>
      openBroker({
        clusterId: 'contract',
        kind: 'kafka',
        configuration: { brokers: [address] },
        secret: null,
      }),
    uniqueName: (hint) => `${hint}-${made++}`,
    createDestination: async (name, options) => {
      await maker.createTopics({
        topics: [name],
        partitions: options?.lanes ?? 1,
        replicas: 1,
        configs: [{ name: 'retention.ms', value: '-1' }],
      })
    },
    produce: async (destination, messages) => {
      const records = messages.map((message, index) => toRecord(destination, message, index))
      // One by one where times are given: in one batch the client miswrites those that are weeks apart.
      const isTimed = messages.some((message) => message.timestampMs !== null)
      for (const batch of isTimed ? records.map((record) => [record]) : [records])
        await producer.send({ messages: batch })
    },
    consumeAndCommit: async (group, destination, count) => {
      const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
      const next = new Map<number, number>()
      const enough = Promise.withResolvers<void>()
      let taken = 0
      await consumer.connect()
      await consumer.subscribe({ topic: destination, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachMessage: async ({ partition, message }) => {
          if (taken >= count) return
          taken += 1
          next.set(partition, Number(message.offset) + 1)
          if (taken === count) enough.resolve()
        },
      })
      await enough.promise
      await consumer.commitOffsets(
        [...next].map(([partition, offset]) => ({ topic: destination, partition, offset: String(offset) })),
      )
      await consumer.disconnect()
    },
    joinWithoutCommit: async (group, destination) => {
      const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
      const joined = Promise.withResolvers<void>()
      consumer.on('consumer.group_join', () => joined.resolve())
      await consumer.connect()
      await consumer.subscribe({ topic: destination })
      await consumer.run({ autoCommit: false, eachMessage: async () => undefined })
      await joined.promise
      return () => consumer.disconnect()
    },
    deadLetter: async (origin, count) => {
      const place = `${origin}-dlt`
      const topics = await maker.listTopics()
      if (!topics.includes(place)) await harness.createDestination(place, { lanes: 2 })
      const headers = [{ name: 'kafka_dlt-original-topic', value: Buffer.from(origin) }]
      const messages = Array.from({ length: count }, (_, ordinal) => ({ ...plainMessage(place, ordinal), headers }))
      await harness.produce(place, messages)
      return place
    },
    fingerprint: async (destination) => {
      const { groups } = await admin.listGroups()
      const offsets = await Promise.all(
        groups.map(({ groupId }) => admin.fetchOffsets({ groupId, topics: [destination] })),
      )
      return { groups, offsets, ends: await admin.fetchTopicOffsets(destination) }
    },
    oddMessages: (destination) => ODD_MESSAGES.map((message) => ({ ...message, destination })),
    refusedMessage: (destination) => ({ ...plainMessage(destination, 99), payload: new Uint8Array(1_100_000) }),
  }

  describeBrokerContract('Kafka', harness)
})

/** Through the client's own producer, so that the adapter's encoding is checked against another path. */
const toRecord = (topic: string, message: OutgoingMessage, index: number) => ({
  topic,
  ...(message.lane === null ? (message.key === null ? { partition: index } : {}) : { partition: Number(message.lane) }),
  ...(message.key === null ? {} : { key: Buffer.from(message.key) }),
  value: message.payload === null ? (null as unknown as Buffer) : Buffer.from(message.payload),
  headers: new Map(
    message.headers.map(({ name, value }) => [
      Buffer.from(name),
      value === null ? (null as unknown as Buffer) : Buffer.from(value),
    ]),
  ),
  timestamp: BigInt(message.timestampMs ?? Date.now()),
})
