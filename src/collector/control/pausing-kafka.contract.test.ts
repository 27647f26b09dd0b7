import { randomUUID } from 'node:crypto'
import { Consumer as PlatformaticConsumer } from '@platformatic/kafka'
import { Kafka, logLevel, Partitioners, type Admin, type Consumer, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { startControlServer, type ControlServer } from '#collector/control-server.ts'
import { openConsumerChannel } from '#collector/control/consumer-channel.ts'
import { openOrderBook, type OrderBook } from '#collector/control/order-book.ts'
import { endPause } from '#commands/pause/end.ts'
import { startPause } from '#commands/pause/start.ts'
import { kafkajsConsumer } from '#consumer/kafkajs-consumer.ts'
import { listenForPause, type PauseListener } from '#consumer/listen-for-pause.ts'
import type { Pausable } from '#consumer/pausable.ts'
import { platformaticStream } from '#consumer/platformatic-stream.ts'
import { consumerGroup } from '#db/schema/cluster.ts'
import { upsertCluster } from '#db/store/cluster-store.ts'
import { listMembers } from '#db/store/pause-member-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'
import { createLog } from '#log.ts'

const brokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')
const TOKEN = 'a-token-of-the-contract-32-bytes-or-more'
const eventually = { timeout: 90_000, interval: 50 }
const operator: Actor = { kind: 'person', id: 'p', name: 'Olga', role: 'operator' }

describe.skipIf(brokers === null)(`Pausing on Kafka${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const current = useTestDatabase()
  const db = () => current().database
  const log = createLog('test', 'silent')
  const address = brokers ?? '127.0.0.1:1'
  const kafka = new Kafka({ clientId: 'pausing', brokers: [address], logLevel: logLevel.NOTHING })
  const opened: { disconnect(): Promise<void> }[] = []
  let orders: OrderBook
  let server: ControlServer
  let producer: Producer
  let admin: Admin

  beforeAll(async () => {
    await upsertCluster(db(), {
      id: 'k',
      kind: 'kafka',
      name: 'K',
      environment: 'test',
      configuration: {},
      sealedSecret: null,
    })
    orders = openOrderBook(current(), log)
    const channel = openConsumerChannel({ database: db(), orders, tokens: [TOKEN], log })
    server = await startControlServer({
      host: '127.0.0.1',
      port: 0,
      readReadiness: async () => ({ isReady: true, details: {} }),
      answerConsumer: (request, response) => channel.answer(request, response),
    })
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    admin = kafka.admin()
    await Promise.all([producer.connect(), admin.connect()])
    opened.push(producer, admin)
  })
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.disconnect()))
    await server.stop()
    await orders.stop()
  })

  async function makeGround() {
    const [topic, group] = [`topic-${randomUUID()}`, `group-${randomUUID()}`]
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true })
    await db().insert(consumerGroup).values({ clusterId: 'k', name: group, state: 'stable', seenAt: new Date() })
    return { topic, group }
  }

  const send = (topic: string, count: number) =>
    producer.send({
      topic,
      messages: Array.from({ length: count }, (_, at) => ({ value: `m${at}`, partition: at % 3 })),
    })

  /** Reads everything, in a group of its own: what it has got, another one could have got too. */
  async function openReader(topic: string, group: string, listen = false) {
    const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, sessionTimeout: 10_000 })
    opened.push(consumer)
    let count = 0
    const listener = listen ? listenTo(kafkajsConsumer(consumer, [topic]), group) : null
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ autoCommitInterval: 200, eachMessage: async () => void (count += 1) })
    return { consumer, listener, count: () => count }
  }

  const listenTo = (pausable: Pausable, group: string): PauseListener =>
    listenForPause(pausable, {
      group,
      cluster: 'k',
      url: `http://127.0.0.1:${server.port}`,
      token: TOKEN,
      onEvent: () => undefined,
    })

  const pause = (group: string) =>
    startPause(
      { database: db(), actor: operator },
      { clusterId: 'k', group, kind: 'cooperative', forMs: 600_000, reason: 'the bank is down' },
    )

  const seePaused = (group: string, count: number, leaseId: string) =>
    vi.waitFor(async () => {
      const members = await listMembers(db(), 'k', group)
      expect(members.map((member) => [member.state, member.leaseId])).toEqual(
        Array.from({ length: count }, () => ['paused', leaseId]),
      )
    }, eventually)

  const leave = async (consumers: readonly Consumer[]) => {
    await Promise.all(consumers.map((consumer) => consumer.disconnect()))
  }

  test('kafkajs stands still while others read on, also after a rebalance, keeps its place, and misses nothing', async () => {
    const { topic, group } = await makeGround()
    const witness = await openReader(topic, `witness-${group}`)
    const first = await openReader(topic, group, true)
    await send(topic, 30)
    await vi.waitFor(() => expect([witness.count(), first.count()]).toEqual([30, 30]), eventually)

    const { leaseId } = await pause(group)
    await seePaused(group, 1, leaseId)
    await send(topic, 30)
    await vi.waitFor(() => expect(witness.count()).toBe(60), eventually)
    expect(first.count()).toBe(30)

    const second = await openReader(topic, group, true)
    await vi.waitFor(
      async () => expect((await admin.describeGroups([group])).groups[0]!.members).toHaveLength(2),
      eventually,
    )
    await seePaused(group, 2, leaseId)
    const takenByNewcomer = second.count()
    await send(topic, 30)
    await vi.waitFor(() => expect(witness.count()).toBe(90), eventually)
    expect([first.count(), second.count()]).toEqual([30, takenByNewcomer])

    await endPause({ database: db(), actor: operator }, { leaseId, reason: 'it is back' })
    await vi.waitFor(() => expect(first.count() + second.count()).toBeGreaterThanOrEqual(90), eventually)
    await Promise.all([first.listener?.stop(), second.listener?.stop()])
    await leave([witness.consumer, first.consumer, second.consumer])
  })

  test('a stream of @platformatic/kafka stands still while others read on, and misses nothing', async () => {
    const { topic, group } = await makeGround()
    const witness = await openReader(topic, `witness-${group}`)
    const consumer = new PlatformaticConsumer({
      clientId: 'p',
      groupId: group,
      bootstrapBrokers: [address],
      retryDelay: 100,
    })
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: 200, maxWaitTime: 100 })
    const taken = new Set<string>()
    stream.on('data', ({ partition, offset }) => void taken.add(`${partition}:${offset}`))
    const listener = listenTo(platformaticStream(stream), group)
    await send(topic, 30)
    await vi.waitFor(() => expect([witness.count(), taken.size]).toEqual([30, 30]), eventually)

    const { leaseId } = await pause(group)
    await seePaused(group, 1, leaseId)
    await send(topic, 30)
    await vi.waitFor(() => expect(witness.count()).toBe(60), eventually)
    const late = taken.size
    await send(topic, 30)
    await vi.waitFor(() => expect(witness.count()).toBe(90), eventually)
    // A fetch that was on its way when the pause came may still bring what it waited for; nothing comes after it.
    expect(taken.size).toBe(late)
    expect(late).toBeLessThanOrEqual(60)

    await endPause({ database: db(), actor: operator }, { leaseId, reason: 'it is back' })
    await vi.waitFor(() => expect(taken.size).toBe(90), eventually)
    await listener.stop()
    await stream.close()
    await consumer.close(true)
    await leave([witness.consumer])
  })
})
