import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Admin,
  Base,
  incrementalAlterConfigsV1,
  kGetBootstrapConnection,
  Producer,
  type Connection,
} from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { RunningProcess } from '../../../launcher/child-process.ts'
import { findFreePort } from '../../../launcher/free-port.ts'
import { runJavaSource } from '../../../launcher/servers/java-program.ts'
import { canRunJavaSources } from '../../../launcher/servers/kafka-ecosystem.ts'
import { type KafkaServer, startKafka } from '../../../launcher/servers/kafka.ts'
import type { Broker } from '#brokers/broker.ts'
import { collect, signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'
import { readDeathCertificate } from '#domain/dead-letter/read-death-certificate.ts'

const brokers = inject('kafkaBrokers')
const runnable = canRunJavaSources()
const missing = inject('kafkaMissing') ?? (runnable.ok ? null : runnable.reason)
const skipped = missing === null ? '' : ` (skipped: ${missing})`
const BOUND = { maxMessages: 100, maxBytes: 1_000_000 }
/** The first time the jars come from Maven Central. */
const FETCHING_MS = 300_000
const PATIENCE = { timeout: 120_000, interval: 500 }
const SETTING = 'errors.deadletterqueue.topic.name'
const GROUP = 32
const SET = 0

/** A client beside the adapter, on one Kafka. */
function createHarness(address: string) {
  const client = { clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 }
  const admin = new Admin(client)
  const base = new Base(client)
  const connection = () =>
    new Promise<Connection>((resolve, reject) => {
      base[kGetBootstrapConnection]((error, open) =>
        open === undefined ? reject(error ?? new Error('no connection')) : resolve(open),
      )
    })
  return {
    makeTopic: (topic: string, settings: Record<string, string> = {}) => {
      const configs = Object.entries(settings).map(([name, value]) => ({ name, value }))
      return admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs })
    },
    produce: async (topic: string, texts: readonly string[]) => {
      const producer = new Producer(client)
      const headers = new Map([[Buffer.from('trace-id'), Buffer.from('t-1')]])
      const messages = texts.map((text) => ({ topic, key: Buffer.from('k'), value: Buffer.from(text), headers }))
      await producer.send({ messages, acks: -1 })
      await producer.close()
    },
    /** The broker's own answer: null when it took the setting, else its words. */
    setOnGroup: async (resourceName: string, name: string, value: string): Promise<string | null> => {
      const configs = [{ name, configOperation: SET as typeof SET, value }]
      const resources = [{ resourceType: GROUP as typeof GROUP, resourceName, configs }]
      try {
        await incrementalAlterConfigsV1.api.async(await connection(), resources, false)
        return null
      } catch (error) {
        const { response } = error as { response?: { responses: { errorMessage: string | null }[] } }
        if (response === undefined) throw error
        return response.responses[0]?.errorMessage ?? 'refused without a word'
      }
    },
    close: async () => {
      await Promise.all([admin.close(), base.close()])
    },
  }
}

const openAdapter = (address: string) =>
  openBroker({ clusterId: 'programs', kind: 'kafka', configuration: { brokers: [address] }, secret: null })
const findPlace = async (broker: Broker, topic: string) =>
  (await broker.deadLetters!.find(signalOf())).places.find((place) => place.destination === topic)
const readAll = async (broker: Broker, topic: string) =>
  (await collect(broker.deadLetters!.read(topic, null, BOUND, signalOf()))).messages
const readGroup = async (broker: Broker, name: string) =>
  (await broker.inventory.read(signalOf())).groups.find((group) => group.name === name)
const sourceOf = (name: string) => join(import.meta.dirname, '../../../fixtures/java', `${name}.java`)

describe.skipIf(missing !== null)(`Kafka Streams and share groups of today${skipped}`, () => {
  const address = brokers ?? '127.0.0.1:1'
  const harness = createHarness(address)
  const folder = mkdtempSync(join(tmpdir(), 'throughline-programs-'))
  const running: RunningProcess[] = []
  let broker: Broker

  beforeAll(async () => {
    broker = await openAdapter(address)
  })

  afterAll(async () => {
    await Promise.all(running.map((program) => program.stop()))
    await Promise.all([broker.close(), harness.close()])
    rmSync(folder, { recursive: true, force: true })
  })

  test(
    'a Streams application’s dead letters are found by their headers, in a topic whose name says nothing',
    async () => {
      await harness.makeTopic('numbers')
      await harness.makeTopic('ossuary')
      await harness.produce('numbers', ['1', 'seven', '2'])
      expect(await findPlace(broker, 'ossuary')).toBeUndefined()
      const args = [address, 'adder', 'numbers', 'ossuary', join(folder, 'state')]
      running.push(await runJavaSource(sourceOf('DoomedStreams'), args, join(folder, 'streams')))
      await expect
        .poll(() => findPlace(broker, 'ossuary'), PATIENCE)
        .toMatchObject({
          foundBy: 'headers',
          evidence: expect.stringContaining('__streams.errors.topic (Kafka Streams)'),
          originDestination: 'numbers',
        })
      const [letter] = await readAll(broker, 'ossuary')
      expect(Buffer.from(letter!.payload!).toString()).toBe('seven')
      expect(readDeathCertificate(letter!)).toMatchObject({
        dialect: 'kafka-streams',
        originDestination: 'numbers',
        originPartition: '0',
        originOffset: '1',
        exceptionClass: 'java.lang.NumberFormatException',
        exceptionMessage: 'For input string: "seven"',
      })
      await expect
        .poll(() => readGroup(broker, 'adder'), PATIENCE)
        .toMatchObject({ protocol: 'streams', state: 'stable' })
    },
    FETCHING_MS,
  )

  test('neither Streams nor share groups have a dead-letter setting on this broker, and the search goes on without', async () => {
    expect(await harness.setOnGroup('adder', 'errors.dead.letter.queue.topic.name', 'ossuary')).toMatch(
      /Unknown group config name/,
    )
    expect(await harness.setOnGroup('pickers', SETTING, 'ossuary')).toMatch(/Unknown group config name/)
    await harness.makeTopic('tickets')
    await harness.produce('tickets', ['one'])
    expect(await harness.setOnGroup('pickers', 'share.auto.offset.reset', 'earliest')).toBeNull()
    const sharer = await runJavaSource(
      sourceOf('RejectingSharer'),
      [address, 'pickers', 'tickets', '1'],
      join(folder, 'old'),
    )
    expect(await sharer.exited).toBe('code 0')
    expect(await readGroup(broker, 'pickers')).toMatchObject({ protocol: 'share' })
    const { places, unreadable } = await broker.deadLetters!.find(signalOf())
    expect(unreadable).toEqual([])
    expect(places.filter((place) => place.foundBy === 'configuration')).toEqual([])
  })
})

describe.skipIf(missing !== null)(`Share groups of Kafka 4.4.0${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-sharing-'))
  let server: KafkaServer
  let harness: ReturnType<typeof createHarness>
  let broker: Broker

  beforeAll(async () => {
    server = await startKafka({
      folder: join(folder, 'kafka'),
      port: await findFreePort(0),
      version: '4.4.0',
      // Else only names that begin with "dlq." may be used, which would be found by name as well.
      settings: ['errors.deadletterqueue.topic.name.prefix='],
    })
    harness = createHarness(server.brokers)
    broker = await openAdapter(server.brokers)
  }, FETCHING_MS)

  afterAll(async () => {
    await Promise.all([broker.close(), harness.close()])
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('the dead letters of a share group are found by its setting, with its name, before any arrives', async () => {
    await harness.makeTopic('tickets')
    await harness.makeTopic('oubliette', { 'errors.deadletterqueue.group.enable': 'true' })
    await harness.produce('tickets', ['one', 'two'])
    expect(await harness.setOnGroup('pickers', 'share.auto.offset.reset', 'earliest')).toBeNull()
    expect(await harness.setOnGroup('pickers', SETTING, 'oubliette')).toBeNull()
    expect(await harness.setOnGroup('pickers', 'errors.dead.letter.queue.topic.name', 'oubliette')).toMatch(
      /Unknown group config name/,
    )
    const args = [server.brokers, 'pickers', 'tickets', '2']
    const sharer = await runJavaSource(sourceOf('RejectingSharer'), args, join(folder, 'sharer'))
    await expect
      .poll(() => findPlace(broker, 'oubliette'), PATIENCE)
      .toMatchObject({
        foundBy: 'configuration',
        evidence: `share group pickers names it in ${SETTING}`,
        consumerGroup: 'pickers',
      })
    expect(await sharer.exited).toBe('code 0')
    await expect.poll(async () => (await readAll(broker, 'oubliette')).length, PATIENCE).toBe(2)
    const [letter] = await readAll(broker, 'oubliette')
    // The broker keeps a reference unless errors.deadletterqueue.copy.record.enable is on.
    expect([letter!.key, letter!.payload]).toEqual([null, null])
    expect(readDeathCertificate(letter!)).toMatchObject({
      dialect: 'kafka-share-group',
      originDestination: 'tickets',
      originOffset: '0',
      consumerGroup: 'pickers',
      attempts: 1,
      exceptionMessage: 'Offset rejected by client.',
    })
    expect((await broker.deadLetters!.find(signalOf())).unreadable).toEqual([])
  })
})
