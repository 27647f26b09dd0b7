import {
  Admin,
  Base,
  Consumer,
  joinGroupV9,
  kGetBootstrapConnection,
  syncGroupV5,
  type Connection,
} from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { plainMessages, sendAll, signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'

const brokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')

describe.skipIf(brokers === null)(`Kafka groups${missing === null ? '' : ` (skipped: ${missing})`}`, async () => {
  const address = brokers ?? '127.0.0.1:1'
  const client = { clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 }
  const admin = new Admin(client)
  const broker = await openBroker({
    clusterId: 'groups',
    kind: 'kafka',
    configuration: { brokers: [address] },
    secret: null,
  })
  const readGroup = async (name: string) =>
    (await broker.inventory.read(signalOf())).groups.find((group) => group.name === name)

  // The first offset ever committed makes the cluster lay the topic that groups live in.
  beforeAll(async () => {
    await admin.createTopics({ topics: ['first'], partitions: 1, replicas: 1 })
    const topics = [{ name: 'first', partitionOffsets: [{ partition: 0, offset: 0n }] }]
    await admin.alterConsumerGroupOffsets({ groupId: 'first', topics })
  })

  afterAll(async () => {
    await Promise.all([broker.close(), admin.close()])
  })

  test('a group of Connect workers is shown with its members, and does not end the process', async () => {
    const group = 'connect-cluster'
    const base = new Base(client)
    const connection = await new Promise<Connection>((resolve, reject) =>
      base[kGetBootstrapConnection]((error, made) => (made ? resolve(made) : reject(error))),
    )
    // What Connect puts there is JSON-like and binary of its own; a consumer's decoder fails on it.
    const protocols = [{ name: 'sessioned', metadata: Buffer.from([0, 2, 255, 255, 127, 9]) }]
    const join = async (memberId: string) =>
      joinGroupV9.api.async(connection, group, 30_000, 30_000, memberId, null, 'connect', protocols)
    const memberId = await join('').then(
      (answer) => answer.memberId,
      (error: { response: { memberId: string } }) => error.response.memberId,
    )
    const joined = await join(memberId)
    await syncGroupV5.api.async(connection, group, joined.generationId, memberId, null, 'connect', 'sessioned', [
      { memberId, assignment: Buffer.from([9, 9, 9, 9, 9, 9, 9]) },
    ])
    expect(await readGroup(group)).toMatchObject({
      protocol: 'connect',
      state: 'stable',
      members: [{ id: memberId, clientId: 'harness', host: '127.0.0.1', assignments: [] }],
      destinations: [],
    })
    await broker.lag.read(signalOf())
    await base.close()
  })

  test('a group of the new protocol is shown with its assignments, and its lag is known', async () => {
    const topic = 'new-protocol'
    await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
    await sendAll(broker, plainMessages(topic, 4))
    const consumer = new Consumer({ ...client, groupId: 'new-protocol-group', groupProtocol: 'consumer' })
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
    stream.on('data', () => undefined)
    await expect
      .poll(async () => (await readGroup('new-protocol-group'))?.members?.[0]?.assignments, { timeout: 15_000 })
      .toEqual([{ destination: topic, lanes: ['0', '1'] }])
    expect(await readGroup('new-protocol-group')).toMatchObject({ state: 'stable', protocol: 'consumer' })
    const { lanes } = await broker.lag.read(signalOf())
    const own = lanes.filter((lane) => lane.group === 'new-protocol-group')
    expect(own.map((lane) => [lane.lane, lane.committed])).toEqual([
      ['0', null],
      ['1', null],
    ])
    expect(own.reduce((sum, lane) => sum + lane.end - lane.start, 0)).toBe(4)
    await consumer.close(true)
  })

  test('a group whose topic is gone keeps its place in the list, and the missing topic is named', async () => {
    const topic = 'soon-gone'
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
    const topics = [{ name: topic, partitionOffsets: [{ partition: 0, offset: 0n }] }]
    await admin.alterConsumerGroupOffsets({ groupId: 'bereft', topics })
    expect((await readGroup('bereft'))?.destinations).toEqual([topic])
    await admin.deleteTopics({ topics: [topic] })
    await expect.poll(async () => (await admin.listTopics()).includes(topic)).toBe(false)
    const inventory = await broker.inventory.read(signalOf())
    expect(inventory.groups.map((group) => group.name)).toContain('bereft')
    const lag = await broker.lag.read(signalOf())
    expect(lag.lanes.filter((lane) => lane.group === 'bereft')).toEqual([])
  })

  test('2,000 groups are read in one go', async () => {
    const topic = 'crowded'
    await admin.createTopics({ topics: [topic], partitions: 4, replicas: 1 })
    const partitionOffsets = [0, 1, 2, 3].map((partition) => ({ partition, offset: 0n }))
    for (let from = 0; from < 2_000; from += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          admin.alterConsumerGroupOffsets({
            groupId: `crowd-${from + index}`,
            topics: [{ name: topic, partitionOffsets }],
          }),
        ),
      )
    }
    const { lanes, unreadable } = await broker.lag.read(signalOf())
    expect(lanes.filter((lane) => lane.destination === topic)).toHaveLength(8_000)
    expect(unreadable.filter((one) => one.subject.includes('crowd'))).toEqual([])
  })
})
