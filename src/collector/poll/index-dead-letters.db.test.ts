import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { findDeadLetterFacts } from '#collector/poll/find-dead-letter-facts.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { expireDeadLetters } from '#db/store/dead-letter-expiry-store.ts'
import { readDeadLetterCheckpoint, saveDeadLetterPage } from '#db/store/dead-letter-index-store.ts'
import { acquireLease, type Lease } from '#db/store/lease-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { BrokerMessage } from '#domain/message.ts'

const current = useTestDatabase()
const db = () => current().database
const OPERATION = '0f8fad5b-d9cb-469f-a165-70867728950e'
const bytes = (text: string) => new TextEncoder().encode(text)
const PLACE = { originDestination: 'orders', consumerGroup: 'payments', retentionMs: 86_400_000 }

const message = (sequence: number, part: Partial<BrokerMessage> = {}): BrokerMessage => ({
  destination: 'orders.dlq',
  position: { lane: '0', sequence: String(sequence) },
  key: bytes('cust-1'),
  headers: [],
  payload: bytes('{}'),
  timestampMs: Date.now(),
  timestampKind: 'appended',
  attempts: null,
  brokerFailure: null,
  ...part,
})
const save = (lease: Lease, messages: readonly BrokerMessage[], checkpoint: string) =>
  saveDeadLetterPage(db(), lease, {
    clusterId: 'c',
    destination: 'orders.dlq',
    checkpoint,
    letters: messages.map((one) => findDeadLetterFacts(one, PLACE, 0)),
  })
const rowAt = async (position: string) =>
  (await db().select().from(deadLetter).where(eq(deadLetter.position, position)))[0]!

test('a row keeps bytes, odd headers, trace, cause and the link to the copy that came back', async () => {
  const lease = (await acquireLease(db(), 'index-1', 'me'))!
  const odd = message(1, {
    headers: [
      { name: 'kafka_dlt-original-topic', value: bytes('orders') },
      { name: 'kafka_dlt-original-partition', value: new Uint8Array([0, 0, 0, 3]) },
      { name: 'kafka_dlt-original-offset', value: new Uint8Array([0, 0, 0, 0, 5, 0x40, 0x9e, 0x21]) },
      { name: 'kafka_dlt-exception-cause-fqcn', value: bytes('CurrencyMismatch') },
      { name: 'kafka_dlt-exception-message', value: bytes('expected EUR,\u0000 got EURO') },
      { name: 'traceparent', value: bytes(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`) },
      { name: 'x-correlation-id', value: bytes('order-1') },
      { name: 'nul', value: null },
      { name: 'empty', value: new Uint8Array() },
      { name: 'twice', value: bytes('"{,}\\') },
      { name: 'twice', value: bytes('ü\u0000') },
      { name: 'throughline-operation', value: bytes(OPERATION) },
      { name: 'throughline-item', value: bytes('7') },
      { name: 'throughline-redrive-count', value: bytes('2') },
    ],
    key: new Uint8Array([0, 255, 92, 34]),
    payload: new Uint8Array(70_000).fill(0xff),
  })
  expect(await save(lease, [odd, message(2, { key: null, payload: null })], 'at-2')).toBe(2)
  const row = await rowAt('0@1')
  expect(row).toMatchObject({
    state: 'open',
    dialect: 'spring-kafka',
    originDestination: 'orders',
    originPosition: '3@88120865',
    consumerGroup: 'payments',
    exceptionClass: 'CurrencyMismatch',
    exceptionMessage: 'expected EUR,\ufffd got EURO',
    correlationId: 'order-1',
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    payloadBytes: 70_000,
    isPayloadCut: true,
    redriveCount: 2,
    returnOfOperationId: OPERATION,
    returnOfItem: 7,
  })
  expect(row.payload).toHaveLength(65_536)
  expect([...row.messageKey!]).toEqual([0, 255, 92, 34])
  expect(row.headers).toContainEqual({ n: 'kafka_dlt-original-partition', b: 'AAAAAw==' })
  expect(row.headers).toContainEqual({ n: 'nul' })
  expect(row.headers).toContainEqual({ n: 'empty', t: '' })
  expect(row.headers.filter(({ n }) => n === 'twice')).toEqual([
    { n: 'twice', t: '"{,}\\' },
    { n: 'twice', b: Buffer.from('ü\u0000').toString('base64') },
  ])
  expect(row.expiresAt!.getTime() - row.deadAt.getTime()).toBe(86_400_000)
  expect(await rowAt('0@2')).toMatchObject({ payload: null, messageKey: null, payloadBytes: 0, isPayloadCut: false })
})

test('the same page twice is one set of rows, and what an operation did to them stays', async () => {
  const lease = (await acquireLease(db(), 'index-2', 'me'))!
  const page = [message(10), message(11)]
  expect(await save(lease, page, 'at-11')).toBe(2)
  await db().update(deadLetter).set({ state: 'redriven' }).where(eq(deadLetter.position, '0@10'))
  expect(await save(lease, [...page, message(12)], 'at-12')).toBe(1)
  expect((await rowAt('0@10')).state).toBe('redriven')
  expect(await readDeadLetterCheckpoint(db(), 'c', 'orders.dlq')).toBe('at-12')
})

test('a collector that lost its lease can neither write rows nor move the cursor', async () => {
  const old = (await acquireLease(db(), 'index-3', 'me'))!
  await db().execute(sql`update lease set expires_at = clock_timestamp() where name = 'index-3'`)
  await acquireLease(db(), 'index-3', 'other')
  const before = await readDeadLetterCheckpoint(db(), 'c', 'orders.dlq')
  await expect(save(old, [message(20)], 'at-20')).rejects.toMatchObject({ code: 'conflict', retryable: true })
  expect(await rowAt('0@20')).toBeUndefined()
  expect(await readDeadLetterCheckpoint(db(), 'c', 'orders.dlq')).toBe(before)
})

test('what its place has let go of expires, unless it was dealt with before', async () => {
  const lease = (await acquireLease(db(), 'index-4', 'me'))!
  const longAgo = Date.now() - 2 * 86_400_000
  await save(
    lease,
    [message(30, { timestampMs: longAgo }), message(31), message(32, { timestampMs: longAgo })],
    'at-32',
  )
  await db().update(deadLetter).set({ state: 'redriven' }).where(eq(deadLetter.position, '0@32'))
  expect(await expireDeadLetters(db(), 'c', 100)).toBe(1)
  expect([(await rowAt('0@30')).state, (await rowAt('0@31')).state, (await rowAt('0@32')).state]).toEqual([
    'expired',
    'open',
    'redriven',
  ])
})

test('a letter died when its broker moved it, whatever time its event carries, and expires counted from then', () => {
  const cause = { errorClass: null, errorMessage: null, stack: null, originDestination: null, originPosition: null }
  const moved = message(30, {
    timestampMs: 1_000,
    timestampKind: 'created',
    brokerFailure: { ...cause, diedAtMs: 9_000 },
  })
  expect(findDeadLetterFacts(moved, PLACE, 0)).toMatchObject({ deadAtMs: 9_000, expiresAtMs: 86_409_000 })
})

test('a dead letter of Connect belongs to the group that its connector is configured with, else to the usual one', () => {
  const headers = [
    { name: '__connect.errors.topic', value: bytes('orders') },
    { name: '__connect.errors.connector.name', value: bytes('shelf') },
  ]
  const groupIn = (consumerGroup: string | null) =>
    findDeadLetterFacts(message(1, { headers }), { ...PLACE, consumerGroup }, 0).consumerGroup
  expect([groupIn('shelf-readers'), groupIn(null)]).toEqual(['shelf-readers', 'connect-shelf'])
  const spring = [
    { name: 'kafka_dlt-original-consumer-group', value: bytes('own') },
    { name: 'kafka_dlt-original-topic', value: bytes('orders') },
  ]
  expect(findDeadLetterFacts(message(1, { headers: spring }), PLACE, 0).consumerGroup).toBe('own')
})
