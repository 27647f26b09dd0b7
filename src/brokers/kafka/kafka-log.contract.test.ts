import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Admin, FetchIsolationLevels, Producer } from '@platformatic/kafka'
import { afterAll, describe, expect, inject, test } from 'vitest'
import type { MessagePage } from '#brokers/broker.ts'
import { collect, ordinals, plainMessages, range, sendAll, signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'

const brokers = inject('kafkaBrokers')
const missing = inject('kafkaMissing')
const BOUND = { maxMessages: 100, maxBytes: 1_000_000 }

describe.skipIf(brokers === null)(`a Kafka log${missing === null ? '' : ` (skipped: ${missing})`}`, async () => {
  const address = brokers ?? '127.0.0.1:1'
  const client = { clientId: 'harness', bootstrapBrokers: [address], retryDelay: 100 }
  const admin = new Admin(client)
  const configuration = {
    brokers: [address],
    deadLetterDestinations: [{ destination: 'graveyard', originDestination: 'orders-by-hand' }],
  }
  const broker = await openBroker({ clusterId: 'log', kind: 'kafka', configuration, secret: null })
  const facet = broker.deadLetters!
  const source = broker.replaySource!
  let made = 0

  afterAll(async () => {
    await Promise.all([broker.close(), admin.close()])
  })

  const makeTopic = async (hint: string, partitions = 1, settings: Record<string, string> = {}): Promise<string> => {
    const topic = hint === 'graveyard' ? hint : `${hint}-log-${made++}`
    const configs = Object.entries({ 'retention.ms': '-1', ...settings }).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs })
    return topic
  }
  const cutBefore = (topic: string, offset: bigint) =>
    admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset }] }] })
  const committedEnd = async (topic: string) => {
    const partitions = [{ partitionIndex: 0, timestamp: -1n }]
    const isolationLevel = FetchIsolationLevels.READ_COMMITTED
    return (await admin.listOffsets({ topics: [{ name: topic, partitions }], isolationLevel }))[0]?.partitions[0]
      ?.offset
  }
  const readAll = (topic: string, checkpoint: string | null = null) =>
    collect(facet.read(topic, checkpoint, BOUND, signalOf()))
  const lastCheckpoint = (pages: readonly MessagePage[]): string => pages.at(-1)!.checkpoint

  test('records that retention took before they were read are reported as a gap', async () => {
    const topic = await makeTopic('cut')
    await sendAll(broker, plainMessages(topic, 5))
    const before = lastCheckpoint((await readAll(topic)).pages)
    await sendAll(broker, plainMessages(topic, 10))
    await cutBefore(topic, 9n)
    const { messages, pages } = await readAll(topic, before)
    expect(messages.map((one) => one.position.sequence)).toEqual(['9', '10', '11', '12', '13', '14'])
    expect(pages.flatMap((page) => page.gaps)).toEqual([{ lane: '0', expected: '5', found: '9' }])
  })

  test('a gap is reported also when nothing is left to read', async () => {
    const topic = await makeTopic('emptied')
    await sendAll(broker, plainMessages(topic, 5))
    const { pages } = await collect(facet.read(topic, null, { ...BOUND, maxMessages: 2 }, signalOf()))
    await cutBefore(topic, 5n)
    const rest = await readAll(topic, pages[0]!.checkpoint)
    expect(rest.messages).toEqual([])
    expect(rest.pages.flatMap((page) => page.gaps)).toEqual([{ lane: '0', expected: '2', found: '5' }])
    expect((await readAll(topic, lastCheckpoint(rest.pages))).pages).toEqual([])
  })

  test('a topic that was deleted and made anew is read from its beginning, and the break is reported', async () => {
    const topic = await makeTopic('anew')
    await sendAll(broker, plainMessages(topic, 5))
    const before = lastCheckpoint((await readAll(topic)).pages)
    await admin.deleteTopics({ topics: [topic] })
    await expect.poll(async () => (await admin.listTopics()).includes(topic)).toBe(false)
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
    // The adapter may remember the old topic for some seconds; what it answers meanwhile is a failure, not other data.
    await expect.poll(async () => (await sendAll(broker, plainMessages(topic, 2))).length, { timeout: 15_000 }).toBe(2)
    const again = async () => {
      const { messages, pages } = await readAll(topic, before)
      return { ordinals: ordinals(messages), gaps: pages.flatMap((page) => page.gaps) }
    }
    await expect
      .poll(() => again().catch(() => null), { timeout: 15_000 })
      .toEqual({ ordinals: [0, 1], gaps: [{ lane: '0', expected: '5', found: '0' }] })
  })

  test('a window of time is found, also past the end, before the start and after records were deleted', async () => {
    const topic = await makeTopic('timed')
    const messages = plainMessages(topic, 10).map((message, index) => ({
      ...message,
      timestampMs: 1_000_000 + index * 1_000,
    }))
    await sendAll(broker, messages)
    const window = async (fromMs: number, toMs: number) => {
      const [lane] = await source.resolve(topic, fromMs, toMs, signalOf())
      return [lane!.from, lane!.to]
    }
    expect(await window(1_002_000, 1_005_000)).toEqual(['2', '5'])
    expect(await window(1_001_500, 1_005_001)).toEqual(['2', '6'])
    expect(await window(0, 5_000_000)).toEqual(['0', '10'])
    expect(await window(4_000_000, 5_000_000)).toEqual(['10', '10'])
    expect(await window(0, 10)).toEqual(['0', '0'])
    await cutBefore(topic, 4n)
    expect(await window(0, 5_000_000)).toEqual(['4', '10'])
    expect(await window(1_006_000, 1_008_000)).toEqual(['6', '8'])
  })

  test('positions that are gone or not there yet are missing from the answer, the others are in it', async () => {
    const topic = await makeTopic('sparse')
    await sendAll(broker, plainMessages(topic, 600))
    await cutBefore(topic, 3n)
    const positions = ['1', '3', '4', '300', '599', '600', '9999'].map((sequence) => ({ lane: '0', sequence }))
    const found = await source.readAt(topic, [...positions, { lane: '7', sequence: '0' }], signalOf())
    expect(found.map((message) => message.position.sequence)).toEqual(['3', '4', '300', '599'])
  })

  test('records of aborted transactions and markers are left out, and reading does not stop at them', async () => {
    const topic = await makeTopic('transactional')
    const producer = new Producer({ ...client, idempotent: true, transactionalId: 'contract', retries: 5 })
    const sendOne = async (text: string, isKept: boolean) => {
      const transaction = await producer.beginTransaction()
      await transaction.send({ messages: [{ topic, value: Buffer.from(text) }] })
      await (isKept ? transaction.commit() : transaction.abort())
    }
    await sendOne('kept 1', true)
    await sendOne('dropped', false)
    await sendOne('kept 2', true)
    await producer.close()
    // The coordinator answers a commit before its marker is in the log. Until then nobody who reads committed records
    // sees the last one: three records and three markers make six.
    await expect.poll(() => committedEnd(topic), { timeout: 30_000 }).toBe(6n)
    const { messages } = await readAll(topic)
    expect(messages.map((message) => Buffer.from(message.payload!).toString())).toEqual(['kept 1', 'kept 2'])
    const ranges = await source.resolve(topic, 0, Date.now() + 86_400_000, signalOf())
    expect((await collect(source.read(topic, ranges, { ...BOUND, maxMessages: 1 }, signalOf()))).messages).toEqual(
      messages,
    )
  })

  test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('records compressed with %s are read', async (compression) => {
    const topic = await makeTopic(compression)
    const producer = new Producer(client)
    const messages = range(20).map((ordinal) => ({ topic, value: Buffer.from(JSON.stringify({ ordinal })) }))
    await producer.send({ messages, compression, acks: -1 })
    await producer.close()
    expect(ordinals((await readAll(topic)).messages)).toEqual(range(20))
  })

  test('times that the broker gave are told from times that the producer gave', async () => {
    const topic = await makeTopic('appended', 1, { 'message.timestamp.type': 'LogAppendTime' })
    await sendAll(
      broker,
      plainMessages(topic, 1).map((message) => ({ ...message, timestampMs: 5_000 })),
    )
    const [message] = (await readAll(topic)).messages
    expect(message).toMatchObject({ timestampKind: 'appended' })
    expect(message!.timestampMs).toBeGreaterThan(1_700_000_000_000)
  })

  test('one record that a compacted topic refuses is refused alone', async () => {
    const topic = await makeTopic('compacted', 1, { 'cleanup.policy': 'compact' })
    const messages = plainMessages(topic, 9).map((message, index) => ({
      ...message,
      key: index === 4 ? null : Buffer.from('k'),
    }))
    const results = await broker.send.send(messages, signalOf())
    expect(results.map((result) => result.outcome)).toEqual(
      range(9).map((index) => (index === 4 ? 'refused' : 'confirmed')),
    )
    expect(results[4]).toMatchObject({ failure: { retryable: false } })
    expect((await readAll(topic)).messages.map((message) => message.position.sequence)).toEqual(range(8).map(String))
  })

  test('timestamps that lie years apart in one send all arrive as they were', async () => {
    const topic = await makeTopic('far')
    const times = [1_795_000_000_000, 1_400_000_000_123, 1_795_000_000_001, 1_793_000_000_000, 1_500_000_000_000]
    const sent = plainMessages(topic, times.length).map((message, index) => ({
      ...message,
      timestampMs: times[index]!,
    }))
    await sendAll(broker, sent)
    expect((await readAll(topic)).messages.map((message) => message.timestampMs)).toEqual(times)
  })

  test('real dead letters of Spring and Connect are found by their headers and read byte for byte', async () => {
    for (const name of ['spring-kafka', 'kafka-connect']) {
      for (const records of Object.values(readFixture(name))) {
        const topic = await makeTopic('unsuspicious')
        await sendAll(
          broker,
          records.map((record) => ({ ...record, destination: topic })),
        )
        const place = (await facet.find(signalOf())).places.find((one) => one.destination === topic)
        expect(place).toMatchObject({ foundBy: 'headers' })
        expect(place?.originDestination).toBeTruthy()
        const { messages } = await readAll(topic)
        expect(messages.map(({ key, payload, headers }) => ({ key, payload, headers }))).toEqual(
          records.map(({ key, payload, headers }) => ({ key, payload, headers })),
        )
      }
    }
  })

  test('a place named by hand is found with its origin; a retry topic is none', async () => {
    await makeTopic('graveyard')
    const retry = `${await makeTopic('orders')}-retry-0`
    await admin.createTopics({ topics: [retry], partitions: 1, replicas: 1 })
    const headers = [{ name: 'kafka_original-topic', value: Buffer.from('orders') }]
    await sendAll(
      broker,
      plainMessages(retry, 1).map((message) => ({ ...message, headers })),
    )
    const { places } = await facet.find(signalOf())
    expect(places.find((one) => one.destination === 'graveyard')).toMatchObject({
      foundBy: 'hand',
      originDestination: 'orders-by-hand',
    })
    expect(places.map((one) => one.destination)).not.toContain(retry)
  })
})

interface FixtureRecord {
  readonly topic: string
  readonly keyHex: string | null
  readonly valueHex: string | null
  readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[]
}

type FixtureFile = Record<string, FixtureRecord[] | string>

function readFixture(name: string) {
  const file = join(import.meta.dirname, '../../../fixtures/dead-letters', `${name}.json`)
  const content = JSON.parse(readFileSync(file, 'utf8')) as FixtureFile & { topics?: FixtureFile }
  const bytes = (hex: string | null) => (hex === null ? null : Buffer.from(hex, 'hex'))
  return Object.fromEntries(
    Object.entries(content.topics ?? content).flatMap(([key, records]) =>
      !Array.isArray(records)
        ? []
        : [
            [
              key,
              records.map((record) => ({
                lane: null,
                key: bytes(record.keyHex),
                payload: bytes(record.valueHex),
                headers: record.headers.map((header) => ({ name: header.key, value: bytes(header.valueHex) })),
                timestampMs: null,
                idempotencyId: crypto.randomUUID(),
              })),
            ] as const,
          ],
    ),
  )
}
