import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin, Producer } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findFreePort } from '../../../launcher/free-port.ts'
import { canRunKafkaEcosystem } from '../../../launcher/servers/kafka-ecosystem.ts'
import { type KafkaConnect, startKafkaConnect } from '../../../launcher/servers/kafka-connect.ts'
import type { Broker } from '#brokers/broker.ts'
import { collect, signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'
import type { ConnectorVerb } from '#domain/connect/connector.ts'
import { readDeathCertificate } from '#domain/dead-letter/read-death-certificate.ts'

const brokers = inject('kafkaBrokers')
const runnable = canRunKafkaEcosystem()
const missing = inject('kafkaMissing') ?? (runnable.ok ? null : runnable.reason)
const BOUND = { maxMessages: 100, maxBytes: 1_000_000 }
/** The first time the jars come from Maven Central. */
const FETCHING_MS = 300_000
const PATIENCE = { timeout: 60_000, interval: 250 }

describe.skipIf(missing !== null)(`Kafka Connect${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const address = brokers ?? '127.0.0.1:1'
  const client = { clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 }
  const folder = mkdtempSync(join(tmpdir(), 'throughline-connect-'))
  const user = { name: 'throughline', password: 'let: me in' }
  const admin = new Admin(client)
  const opened: Broker[] = []
  let connect: KafkaConnect

  const open = async (connectUrls: readonly string[], basicAuth: string | null = null): Promise<Broker> => {
    const configuration = { brokers: [address], connectUrls }
    const secret = basicAuth === null ? null : { connectBasicAuth: basicAuth }
    const broker = await openBroker({ clusterId: 'connect', kind: 'kafka', configuration, secret })
    opened.push(broker)
    return broker
  }
  const find = async (broker: Broker, topic: string) =>
    (await broker.deadLetters!.find(signalOf())).places.find((place) => place.destination === topic)

  /** A sink that writes JSON objects to a file and dies of everything else. */
  const putSink = async (name: string, more: Record<string, string>): Promise<void> => {
    const config = {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      file: join(folder, `${name}.txt`),
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.replication.factor': '1',
      'consumer.override.auto.offset.reset': 'earliest',
      ...more,
    }
    const response = await fetch(`${connect.url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { authorization: connect.authorization, 'content-type': 'application/json' },
      body: JSON.stringify(config),
    })
    expect(response.status, await response.text()).toBe(201)
  }

  beforeAll(async () => {
    await admin.createTopics({ topics: ['invoices', 'refunds'], partitions: 1, replicas: 1 })
    const where = { folder: join(folder, 'worker'), brokers: address, port: await findFreePort(0) }
    connect = await startKafkaConnect({ ...where, groupId: 'connect-workers', user })
    // No name pattern fits these, and the second one's records carry no headers that would tell.
    await putSink('shelf', {
      topics: 'invoices',
      'errors.deadletterqueue.topic.name': 'basement',
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    await putSink('drawer', {
      topics: 'invoices,refunds',
      'errors.deadletterqueue.topic.name': 'attic',
      'consumer.override.group.id': 'drawer-readers',
    })
    const producer = new Producer(client)
    const payloads = ['{"total": 1}', '{"total": ', 'not json']
    await producer.send({ messages: payloads.map((text) => ({ topic: 'invoices', value: Buffer.from(text) })) })
    await producer.close()
  }, FETCHING_MS)

  afterAll(async () => {
    await Promise.all(opened.map((broker) => broker.close()))
    await admin.close()
    await connect.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('the dead letters of a sink are found by its configuration, with its group and its topic', async () => {
    const broker = await open([connect.url], `${user.name}:${user.password}`)
    await expect
      .poll(() => find(broker, 'basement'), PATIENCE)
      .toMatchObject({
        foundBy: 'configuration',
        evidence: expect.stringContaining(`connector shelf (RUNNING) at ${connect.url} names it`),
        originDestination: 'invoices',
        consumerGroup: 'connect-shelf',
      })
    const read = async () => (await collect(broker.deadLetters!.read('basement', null, BOUND, signalOf()))).messages
    await expect.poll(async () => (await read()).length, PATIENCE).toBe(2)
    const messages = await read()
    expect(messages.map((message) => Buffer.from(message.payload!).toString())).toEqual(['{"total": ', 'not json'])
    expect(readDeathCertificate(messages[1]!)).toMatchObject({
      dialect: 'kafka-connect',
      originDestination: 'invoices',
      originOffset: '2',
      consumerGroup: 'connect-shelf',
      exceptionMessage: expect.stringContaining("Unrecognized token 'not'"),
    })
  })

  test('a sink that reads as another group, from several topics, is told as such', async () => {
    const broker = await open([connect.url], `${user.name}:${user.password}`)
    await expect
      .poll(() => find(broker, 'attic'), PATIENCE)
      .toMatchObject({
        foundBy: 'configuration',
        evidence: expect.stringContaining('reading invoices, refunds as drawer-readers'),
        originDestination: null,
        consumerGroup: 'drawer-readers',
      })
    // The names are those of groups that really are there.
    const groupNames = async () => (await broker.inventory.read(signalOf())).groups.map((group) => group.name)
    await expect.poll(groupNames, PATIENCE).toEqual(expect.arrayContaining(['connect-shelf', 'drawer-readers']))
  })

  test('without Connect the one is found by its headers, and the other one not at all', async () => {
    const broker = await open([])
    await expect
      .poll(() => find(broker, 'basement'), PATIENCE)
      .toMatchObject({
        foundBy: 'headers',
        originDestination: 'invoices',
      })
    expect(await find(broker, 'attic')).toBeUndefined()
  })

  test.each([
    ['without a sign-in', null, /wants a sign-in .*HTTP 401/],
    ['with a wrong password', `${user.name}:wrong`, /refuses the sign-in .*HTTP 401/],
  ])('%s its topics are unknown with the reason, and the other ways still find', async (_, basicAuth, reason) => {
    const broker = await open([connect.url], basicAuth)
    await expect.poll(() => find(broker, 'basement'), PATIENCE).toMatchObject({ foundBy: 'headers' })
    const { unreadable } = await broker.deadLetters!.find(signalOf())
    expect(unreadable).toEqual([
      { subject: `dead-letter topics of Kafka Connect ${connect.url}`, reason: expect.stringMatching(reason) },
    ])
  })

  test('connectors are told with their tasks; pause, resume and restarts are obeyed; a failed task says why', async () => {
    const { connectors } = await open([connect.url], `${user.name}:${user.password}`)
    const place = { connect: connect.url, connector: 'shelf' }
    const stateOf = async (connector = 'shelf') => {
      const { state, tasks } = await connectors!.readOne({ ...place, connector }, signalOf())
      return [state, ...tasks.map((task) => task.state)]
    }
    const act = (verb: ConnectorVerb, task: number | null = null, connector = 'shelf') =>
      connectors!.act({ ...place, connector, verb, task }, signalOf())
    const { connectors: all, unreadable } = await connectors!.read(signalOf())
    expect(unreadable).toEqual([])
    const told = new Map(all.map(({ name, type, className, group }) => [name, [type, className, group]]))
    expect(Object.fromEntries(told)).toEqual({
      drawer: ['sink', 'FileStreamSinkConnector', 'drawer-readers'],
      shelf: ['sink', 'FileStreamSinkConnector', 'connect-shelf'],
    })
    await expect.poll(() => stateOf(), PATIENCE).toEqual(['RUNNING', 'RUNNING'])
    await act('pause')
    await expect.poll(() => stateOf(), PATIENCE).toEqual(['PAUSED', 'PAUSED'])
    await act('resume')
    await expect.poll(() => stateOf(), PATIENCE).toEqual(['RUNNING', 'RUNNING'])
    await act('restart')
    await act('restart-task', 0)
    await expect.poll(() => stateOf(), PATIENCE).toEqual(['RUNNING', 'RUNNING'])

    // A folder is no file to write to, so its task dies at once and again.
    await putSink('broken', { topics: 'invoices', 'errors.tolerance': 'none', file: folder })
    await expect.poll(() => stateOf('broken'), PATIENCE).toEqual(['RUNNING', 'FAILED'])
    const broken = await connectors!.readOne({ ...place, connector: 'broken' }, signalOf())
    expect(broken.tasks[0]!.failure).toMatch(/ConnectException/)
    await act('restart-failed', null, 'broken')
    await expect.poll(() => stateOf('broken'), PATIENCE).toEqual(['RUNNING', 'FAILED'])

    await expect(act('pause', null, 'nobody')).rejects.toMatchObject({ code: 'not-found' })
    const elsewhere = connectors!.act(
      { ...place, connect: 'http://127.0.0.1:1', verb: 'pause', task: null },
      signalOf(),
    )
    await expect(elsewhere).rejects.toMatchObject({ code: 'not-found' })
  })

  test('positions of a sink are read, and are reset while it is stopped alone', async () => {
    const { connectors } = await open([connect.url], `${user.name}:${user.password}`)
    const place = { connect: connect.url, connector: 'drawer' }
    const readOffsets = () => connectors!.readOffsets(place, signalOf())
    await expect
      .poll(readOffsets, PATIENCE)
      .toContainEqual({ partition: { kafka_topic: 'invoices', kafka_partition: 0 }, offset: { kafka_offset: 3 } })
    const act = (verb: ConnectorVerb) => connectors!.act({ ...place, verb, task: null }, signalOf())
    await expect(act('reset-offsets')).rejects.toMatchObject({ code: 'conflict', retryable: false })
    await act('stop')
    await expect
      .poll(async () => connectors!.readOne(place, signalOf()), PATIENCE)
      .toMatchObject({ state: 'STOPPED', tasks: [] })
    // Its consumer may take a moment to leave its group.
    await expect.poll(() => act('reset-offsets').then(() => 'done', String), PATIENCE).toBe('done')
    await expect.poll(readOffsets, PATIENCE).toEqual([])
    await act('resume')
    await expect
      .poll(async () => (await connectors!.readOne(place, signalOf())).tasks.map(({ state }) => state), PATIENCE)
      .toEqual(['RUNNING'])
  })

  test('when Connect goes away, what it said stays known', async () => {
    const broker = await open([connect.url], `${user.name}:${user.password}`)
    await expect.poll(() => find(broker, 'attic'), PATIENCE).toMatchObject({ foundBy: 'configuration' })
    await connect.stop()
    const { places, unreadable } = await broker.deadLetters!.find(signalOf())
    expect(places.find((place) => place.destination === 'attic')).toMatchObject({ consumerGroup: 'drawer-readers' })
    expect(unreadable[0]!.reason).toMatch(/ECONNREFUSED\); what it said at .* is used$/)
  })
})
