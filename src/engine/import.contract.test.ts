import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { cluster } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { storeHeader } from '#db/stored-header.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { ITEM_HEADER, OPERATION_HEADER, type BrokerMessage } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import { startTestEngine, waitForState } from '#engine/engine-fixture.ts'
import { importAsPerson } from '#engine/import-fixture.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import { readAll, type KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { answerDeadLetterExport } from '#server/answer-dead-letter-export.ts'
import { answerImportUpload } from '#server/answer-import-upload.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const COUNT = 1_000
const ORIGIN = 'https://console.example'
const kafkaBrokers = inject('kafkaBrokers')
const database = useTestDatabase()

type Fuzzed = Pick<OutgoingMessage, 'key' | 'headers' | 'payload'>

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0')
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 100 }).map(encode))

/** Anything that a record may hold: binary, empty, null, headers of one name, names in any script. */
const kafkaMessage: fc.Arbitrary<Fuzzed> = fc.record({
  key: fc.option(bytes),
  headers: fc.array(
    fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 20 }).filter(isStorable), value: fc.option(bytes) }),
    { maxLength: 6 },
  ),
  payload: fc.option(bytes),
})

const json = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
  .filter((value) => !JSON.stringify(value).includes('\\u0000'))
const attribute = fc.stringMatching(/^x[a-z0-9]{1,12}$/)

/** What a job may hold: any JSON, or an envelope whose extension attributes are its headers. */
const pgqueueMessage: fc.Arbitrary<Fuzzed> = fc
  .record({
    key: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isStorable)),
    data: json,
    attributes: fc.option(fc.dictionary(attribute, fc.string({ unit: 'grapheme', maxLength: 20 }).filter(isStorable))),
  })
  .map(({ key, data, attributes }) => ({
    key: key === null ? null : encode(key),
    headers: Object.entries(attributes ?? {}).map(([name, value]) => ({ name, value: encode(value) })),
    payload: encode(
      JSON.stringify(
        attributes === null ? data : { specversion: '1.0', id: 'a', source: '/fuzz', type: 't', ...attributes, data },
      ),
    ),
  }))

const MARKS = new Set(['traceparent', OPERATION_HEADER, ITEM_HEADER])
const MARK_ATTRIBUTES = new Set(['traceparent', 'throughlineoperation', 'throughlineitem'])
const base64 = (value: Uint8Array | null): string | null =>
  value === null ? null : Buffer.from(value).toString('base64')

/** Everything of a message but our marks; an envelope carries them inside. */
function identityOf({ key, headers, payload }: BrokerMessage, isEnveloping: boolean): string {
  const kept = headers.filter((header) => !MARKS.has(header.name))
  return JSON.stringify([
    base64(key),
    kept.map(({ name, value }) => [name, base64(value)]),
    isEnveloping ? withoutMarks(payload) : base64(payload),
  ])
}

function withoutMarks(payload: Uint8Array | null): string | null {
  const text = payload === null ? null : new TextDecoder().decode(payload)
  const value: unknown = text === null ? null : JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('specversion' in value)) return text
  return JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => !MARK_ATTRIBUTES.has(name))))
}

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
})

describe.skipIf(kafkaBrokers === null)('on Kafka', () => {
  describeRoundTrip(() => openKafkaGround(kafkaBrokers ?? ''), kafkaMessage, false)
})
describe('on Postgres queues', () => {
  describeRoundTrip(() => openPgqueueGround(database().url), pgqueueMessage, true)
})

function describeRoundTrip(
  open: () => Promise<KillGround & { close(): Promise<void> }>,
  arbitrary: fc.Arbitrary<Fuzzed>,
  isEnveloping: boolean,
): void {
  let ground: KillGround & { close(): Promise<void> }
  beforeAll(async () => {
    ground = await open()
  })
  afterAll(() => ground.close())

  test(`what was exported and is imported arrives to the byte: ${COUNT} messages (FUZZ_SEED=${SEED})`, async () => {
    const { database: db } = database()
    const { origin, source } = await ground.createPlace()
    const fuzzed = fc.sample(arbitrary, { seed: SEED, numRuns: COUNT })
    const outgoing = fuzzed.map((part) => ({
      ...part,
      destination: source,
      lane: null,
      timestampMs: null,
      idempotencyId: randomUUID(),
    }))
    const results = await ground.broker.send.send(outgoing, AbortSignal.timeout(60_000))
    expect(results.filter((result) => result.outcome !== 'confirmed')).toEqual([])
    const lying = await readAll(ground.broker, source)
    expect(lying).toHaveLength(COUNT)
    await db.insert(deadLetter).values(
      lying.map((message) => ({
        clusterId: 'k',
        destination: source,
        position: printPosition(message.position),
        deadAt: new Date(0),
        dialect: 'none',
        originDestination: origin,
        fingerprint: '00000000000000ff',
        fingerprintTitle: 'a bug',
        messageKey: message.key,
        headers: message.headers.map(storeHeader),
        payload: message.payload,
        payloadBytes: message.payload?.byteLength ?? 0,
      })),
    )

    const web = openTestWeb(db, knownNothing)
    const cookie = await web.openSessionOf(await web.addPerson(`approver-${randomUUID()}`, 'approver'))
    const query = new URLSearchParams({ destination: source })
    const exported = await answerDeadLetterExport(
      web.runtime,
      new Request(`${ORIGIN}/api/dead-letters/export?${query.toString()}`, { headers: { cookie } }),
    )
    const uploaded = await answerImportUpload(
      web.runtime,
      new Request(`${ORIGIN}/api/imports?name=round-trip.jsonl`, {
        method: 'POST',
        body: await exported.arrayBuffer(),
        headers: { cookie, origin: ORIGIN },
      }),
    )
    const { importId, messageCount } = (await uploaded.json()) as { importId: string; messageCount: number }
    expect(messageCount).toBe(COUNT)

    const engine = startTestEngine({ client: database(), broker: ground.broker })
    try {
      const id = await importAsPerson(db, { clusterId: 'k', importId, target: origin })
      const { counts } = await waitForState(db, id, ['completed'])
      expect(counts).toMatchObject({ confirmed: COUNT, failed: 0 })
    } finally {
      await engine.stop()
    }
    const arrived = await readAll(ground.broker, origin)
    const identities = (messages: readonly BrokerMessage[]) =>
      messages.map((message) => identityOf(message, isEnveloping)).toSorted()
    expect(identities(arrived)).toEqual(identities(lying))
    expect(await readAll(ground.broker, source)).toHaveLength(COUNT)
  })
}
