import { eq, sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { useTestIngest } from '#collector/ingest/test-ingest.ts'
import { hex, message, postSpans, startMs, textBag } from '#collector/ingest/test-spans.ts'
import { findDeadLetterFacts } from '#collector/poll/find-dead-letter-facts.ts'
import { seekFailingSpans } from '#collector/witness/seek-failing-spans.ts'
import { cluster } from '#db/schema/cluster.ts'
import { deadLetter, deadLetterWitness } from '#db/schema/dead-letter.ts'
import { saveDeadLetterPage } from '#db/store/dead-letter-index-store.ts'
import { acquireLease, type Lease } from '#db/store/lease-store.ts'
import { findWitness, readGroupWitnesses } from '#db/store/witness-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { createLog } from '#log.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const current = useTestDatabase()
const ingest = useTestIngest(current)
const bytes = (text: string) => new TextEncoder().encode(text)
const STACK = 'Boom: no\n    at settle (/app/src/settle.ts:7:3)'
const PLACE = { originDestination: 'orders', consumerGroup: 'payers', retentionMs: null }
let lease: Lease
let made = 0

beforeAll(async () => {
  await current().database.insert(cluster).values({ id: 'c', kind: 'kafka', name: 'c', configuration: {} })
  const held = await acquireLease(current().database, 'index', 'me')
  if (held === null) throw new Error('the lease is taken')
  lease = held
})

const scope = () => {
  const { pool } = current()
  const telemetry = { ...openTelemetryReader(pool), recordOwnSpans: () => Promise.resolve() }
  return { client: current(), telemetry, log: createLog('test', 'silent') }
}

/** One round over everything that is sought, due or not. */
async function seekAll() {
  await current().database.execute(
    sql`update dead_letter_witness set due_at = clock_timestamp() where due_at is not null`,
  )
  await seekFailingSpans(scope())
}

/** A dead letter as the poll stores it. @returns its id */
async function die(part: Partial<BrokerMessage> = {}): Promise<number> {
  const position = { lane: '0', sequence: String((made += 1)) }
  const letter: BrokerMessage = {
    destination: 'orders.dlq',
    position,
    key: null,
    headers: [],
    payload: bytes('{}'),
    timestampMs: startMs + 1_000,
    timestampKind: 'appended',
    attempts: null,
    brokerFailure: null,
    ...part,
  }
  const letters = [findDeadLetterFacts(letter, PLACE, 0)]
  const page = { clusterId: 'c', destination: 'orders.dlq', checkpoint: String(made), letters }
  expect(await saveDeadLetterPage(current().database, lease, page)).toBe(1)
  const [row] = await current()
    .database.select({ id: deadLetter.id })
    .from(deadLetter)
    .where(eq(deadLetter.position, `0@${made}`))
  return row!.id
}

const rowOf = async (id: number) =>
  (await current().database.select().from(deadLetter).where(eq(deadLetter.id, id)))[0]!
const witnessOf = (id: number) => findWitness(current().database, String(id))

const traceOf = (number: number) => hex(number, 32)
const spanOf = (number: number) => hex(number, 16)
const parentHeader = (trace: number, span: number) => ({
  name: 'traceparent',
  value: bytes(`00-${traceOf(trace)}-${spanOf(span)}-01`),
})
const thrown = (type: string) => ({
  status: { code: 2 },
  events: [
    {
      name: 'exception',
      attributes: textBag({ 'exception.type': type, 'exception.message': 'no', 'exception.stacktrace': STACK }),
    },
  ],
})

/** The shop sends a message, payments of that version fails on it. */
async function failDelivery(
  number: number,
  version: string,
  says: Readonly<Record<string, string>> = {},
  isLinked = true,
) {
  const { httpPort } = ingest()
  const send = { traceId: traceOf(number), spanId: spanOf(number), kind: 4, at: 0 }
  if (isLinked) await postSpans(httpPort, [{ ...send, says: message('send', `k${number}`) }], 'shop')
  const take = {
    traceId: isLinked ? traceOf(number) : traceOf(number + 1_000),
    spanId: spanOf(number + 1_000),
    ...(isLinked ? { parentSpanId: spanOf(number) } : {}),
    kind: 5,
    at: 100,
    says: message('process', `k${number}`, { 'messaging.consumer.group.name': 'payers', ...says }),
    more: thrown('com.shop.Boom'),
  }
  await postSpans(httpPort, [take], 'payments', { 'service.version': version })
}

test('a letter without a reason takes class and frame from the span that failed on it, and joins its failure group', async () => {
  const reasoned = await die({
    headers: [
      { name: 'kafka_dlt-exception-fqcn', value: bytes('com.shop.Boom') },
      { name: 'kafka_dlt-exception-stacktrace', value: bytes(STACK) },
      { name: 'kafka_dlt-original-topic', value: bytes('orders') },
    ],
  })
  const id = await die({ headers: [parentHeader(1, 1)] })
  expect((await rowOf(id)).exceptionClass).toBeNull()
  await failDelivery(1, '4.18.0')
  await seekAll()
  expect(await rowOf(id)).toMatchObject({
    exceptionClass: 'com.shop.Boom',
    exceptionMessage: 'no',
    stack: STACK,
    fingerprint: (await rowOf(reasoned)).fingerprint,
  })
  expect(await witnessOf(id)).toEqual({
    foundBy: 'trace-parent',
    traceId: traceOf(1),
    spanId: spanOf(1_001),
    service: 'payments',
    serviceVersion: '4.18.0',
    isReasonTaken: true,
    isSought: false,
  })
})

test('a span that comes late is found by a later look; one that never comes is given up after some minutes', async () => {
  const late = await die({ headers: [parentHeader(2, 2)] })
  const lost = await die({ headers: [parentHeader(3, 3)] })
  await seekAll()
  expect(await witnessOf(late)).toMatchObject({ foundBy: null, isSought: true })
  await failDelivery(2, '4.18.1')
  await seekAll()
  expect(await witnessOf(late)).toMatchObject({ foundBy: 'trace-parent', serviceVersion: '4.18.1' })
  expect((await rowOf(late)).exceptionClass).toBe('com.shop.Boom')
  for (let look = 0; look < 10; look += 1) await seekAll()
  expect(await witnessOf(lost)).toMatchObject({ foundBy: null, isSought: false })
  expect((await rowOf(lost)).exceptionClass).toBeNull()
})

test('without a trace parent the message id finds the span, else the position that it lay at', async () => {
  const byId = await die({ headers: [{ name: 'message-id', value: bytes('message-0000-4') }] })
  await failDelivery(4, '1', { 'messaging.message.id': 'message-0000-4' }, false)
  const byPosition = await die({
    headers: [
      { name: '__dlq.errors.topic', value: bytes('orders') },
      { name: '__dlq.errors.partition', value: bytes('3') },
      { name: '__dlq.errors.offset', value: bytes('77') },
    ],
  })
  const place = { 'messaging.destination.partition.id': '3', 'messaging.kafka.offset': '77' }
  await failDelivery(5, '1', place, false)
  await seekAll()
  expect(await witnessOf(byId)).toMatchObject({ foundBy: 'message-id', spanId: spanOf(1_004), isReasonTaken: true })
  expect(await witnessOf(byPosition)).toMatchObject({ foundBy: 'position', spanId: spanOf(1_005), isReasonTaken: true })
})

test('a group tells the versions that failed, by span or, where there is none, by header; its own reason stays', async () => {
  const headers = (more: BrokerMessage['headers']) => [
    { name: 'kafka_dlt-exception-fqcn', value: bytes('com.shop.Unlucky') },
    {
      name: 'kafka_dlt-exception-stacktrace',
      value: bytes('com.shop.Unlucky: x\n\tat com.shop.Luck.run(Luck.java:3)'),
    },
    ...more,
  ]
  const first = await die({ headers: headers([parentHeader(6, 6)]) })
  await die({ headers: headers([parentHeader(7, 7)]), timestampMs: startMs + 9_000 })
  await die({ headers: headers([{ name: 'X-Service-Version', value: bytes('0.9') }]), timestampMs: startMs + 500 })
  await failDelivery(6, '2.0.0')
  await failDelivery(7, '2.1.0')
  await seekAll()
  const { fingerprint, exceptionClass } = await rowOf(first)
  expect(exceptionClass).toBe('com.shop.Unlucky')
  expect(await readGroupWitnesses(current().database, fingerprint)).toMatchObject({
    versions: [
      { service: 'payments', version: '2.1.0', isByHeader: false, count: 1, firstAtMs: startMs + 9_000 },
      { service: 'payments', version: '2.0.0', isByHeader: false, count: 1 },
      { service: null, version: '0.9', isByHeader: true, count: 1 },
    ],
    soughtCount: 3,
    foundCount: 2,
    waitingCount: 0,
    takenCount: 0,
    latest: { spanId: spanOf(1_007), service: 'payments' },
  })
})

test('in a flood of one failure only some of its letters are looked for; of those without a reason, all are', async () => {
  const boom = [{ name: 'kafka_dlt-exception-fqcn', value: bytes('com.shop.Flood') }]
  const at = (sequence: number) => ({ lane: '9', sequence: String(sequence) })
  const flood = (headers: BrokerMessage['headers'], from: number) =>
    Array.from({ length: 100 }, (_, index) =>
      findDeadLetterFacts(
        {
          destination: 'orders.dlq',
          position: at(from + index),
          key: null,
          headers: [...headers, parentHeader(100_000 + from + index, 9)],
          payload: null,
          timestampMs: startMs,
          timestampKind: 'appended',
          attempts: null,
          brokerFailure: null,
        },
        PLACE,
        0,
      ),
    )
  const letters = [...flood(boom, 0), ...flood([], 100)]
  const page = { clusterId: 'c', destination: 'orders.dlq', checkpoint: 'flood', letters }
  expect(await saveDeadLetterPage(current().database, lease, page)).toBe(200)
  const rows = await current()
    .database.select({ fingerprint: deadLetterWitness.fingerprint, lacksReason: deadLetterWitness.lacksReason })
    .from(deadLetterWitness)
    .innerJoin(deadLetter, eq(deadLetter.id, deadLetterWitness.deadLetterId))
    .where(sql`${deadLetter.position} like '9@%'`)
  expect(rows.filter((row) => !row.lacksReason)).toHaveLength(20)
  expect(rows.filter((row) => row.lacksReason)).toHaveLength(100)
})
