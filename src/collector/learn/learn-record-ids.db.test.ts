import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  appendToMemory,
  createMemoryDestination,
  createMemoryLog,
  findMemoryDestination,
} from '#brokers/memory/memory-log.ts'
import { CONVENTIONS_ALONE } from '#collector/correlation/watch-correlation-rules.ts'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { learnRecordIds } from '#collector/learn/learn-record-ids.ts'
import { startLearning } from '#collector/learn/start-learning.ts'
import { cluster, destination } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { Failure } from '#domain/failure.ts'
import { createLog } from '#log.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const current = useTestDatabase()
const encoder = new TextEncoder()
const memory = createMemoryLog()
const broker = openMemoryBroker('prod', memory)
const log = createLog('test', 'silent')
const beganMs = Date.now() - 600_000
let ingest: Ingest
let reads = 0
let refusal: Failure | null = null

const counting = {
  ...broker,
  replaySource: {
    ...broker.replaySource,
    readAt: (...asked: Parameters<typeof broker.replaySource.readAt>) => {
      reads += 1
      return refusal === null ? broker.replaySource.readAt(...asked) : Promise.reject(refusal)
    },
  },
}
const resting = new Map<string, number>()
const learn = (nowMs = Date.now()) =>
  learnRecordIds(
    { client: current(), brokers: { get: () => Promise.resolve(counting) }, correlation: CONVENTIONS_ALONE, log },
    { fromUs: (beganMs - 3_600_000) * 1_000, toUs: Date.now() * 1_000, nowMs },
    resting,
    AbortSignal.timeout(60_000),
  )

beforeAll(async () => {
  const { database, pool } = current()
  ingest = await startIngest({ pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log })
  await database.insert(cluster).values({ id: 'prod', kind: 'kafka', name: 'Production', configuration: {} })
  for (const name of ['orders', 'payments']) {
    createMemoryDestination(memory, name)
    const place = { clusterId: 'prod', name, kind: 'topic' as const, lanes: ['0'], settings: {}, seenAt: new Date() }
    await database.insert(destination).values(place)
  }
})
afterAll(() => ingest.stop())
beforeEach(() => {
  reads = 0
  refusal = null
  resting.clear()
})

const traceOf = (name: string): string => Buffer.from(name).toString('hex').padStart(32, '0')
const spanOf = (name: string): string => Buffer.from(name).toString('hex').padStart(16, '0').slice(-16)

/** A producer without a place and a consumer that knows it, in a trace of their own, and the record between them. */
async function sendThrough(
  topic: string,
  trace: string,
  headers: Readonly<Record<string, string>>,
  more: { readonly body?: string; readonly key?: string; readonly isRecordKept?: boolean } = {},
): Promise<void> {
  const traceId = traceOf(trace)
  const offset = findMemoryDestination(memory, topic).lanes[0]?.length ?? 0
  if (more.isRecordKept !== false)
    appendToMemory(memory, {
      destination: topic,
      lane: '0',
      key: more.key === undefined ? null : encoder.encode(more.key),
      headers: Object.entries(headers).map(([name, value]) => ({ name, value: encoder.encode(value) })),
      payload: more.body === undefined ? null : encoder.encode(more.body),
      timestampMs: beganMs,
      idempotencyId: crypto.randomUUID(),
    })
  const said = { 'messaging.system': 'kafka', 'messaging.destination.name': topic }
  const at = { 'messaging.destination.partition.id': '0', 'messaging.kafka.offset': String(offset) }
  const spans = [
    spanFrom(traceId, spanOf(`s${trace}`), null, 4, { ...said, 'messaging.operation.type': 'send' }),
    spanFrom(traceId, spanOf(`r${trace}`), spanOf(`s${trace}`), 5, {
      ...said,
      ...at,
      'messaging.operation.type': 'process',
    }),
  ]
  const answer = await fetch(`http://127.0.0.1:${ingest.httpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  })
  expect(answer.status).toBe(200)
}

let spanCount = 0
function spanFrom(
  traceId: string,
  spanId: string,
  parentSpanId: string | null,
  kind: number,
  says: Record<string, string>,
) {
  const startMs = beganMs + (spanCount += 1)
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name: 'x',
    kind,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 1}000000`,
    attributes: Object.entries(says).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  }
}

const contextOf = (trace: string): { traceparent: string } => ({
  traceparent: `00-${traceOf(trace)}-${spanOf(`s${trace}`)}-01`,
})
const read = (id: string) => openTelemetryReader(current().pool).readFlowSpans(id, 1_000)
const tracesOf = async (id: string) => [...new Set((await read(id)).spans.map(({ traceId }) => traceId))].toSorted()

test('an order number that only a header of the record carries opens the flow, which says where it was read', async () => {
  await sendThrough('orders', 'a1', { 'correlation-id': 'order-a', ...contextOf('a1') })
  expect(await tracesOf('order-a')).toEqual([])
  expect(await learn()).toBe(1)
  const found = await read('order-a')
  expect(found.spans).toHaveLength(2)
  expect(found.names).toEqual([
    { id: 'order-a', foundIn: 'header correlation-id', destination: 'orders', position: '0@0', joinedTraceCount: 0 },
  ])
  const query = { id: 'order-a', status: 'all', service: null, destination: null, minDurationUs: null } as const
  const listed = await openTelemetryReader(current().pool).listFlows({
    ...query,
    fromUs: 0,
    toUs: 9e15,
    limit: 10,
    cursor: null,
  })
  expect(listed.flows.map(({ flowKey, recordName }) => ({ flowKey, recordName }))).toEqual([
    { flowKey: traceOf('a1'), recordName: 'order-a' },
  ])
})

test('a record is read once, and one that is gone is not asked for again', async () => {
  await sendThrough('orders', 'b1', {}, { isRecordKept: false })
  await learn()
  reads = 0
  expect(await learn()).toBe(0)
  expect(reads).toBe(0)
  // The place that was taken for nothing is filled, so that the places of later messages are right.
  appendToMemory(memory, {
    destination: 'orders',
    lane: '0',
    key: null,
    headers: [],
    payload: null,
    timestampMs: beganMs,
    idempotencyId: crypto.randomUUID(),
  })
})

test('two traces that nothing joins are one flow when their records carry the same id', async () => {
  await sendThrough('orders', 'c1', { 'correlation-id': 'order-c', ...contextOf('c1') })
  await sendThrough('payments', 'c2', { 'correlation-id': 'order-c', ...contextOf('c2') })
  await learn()
  const both = [traceOf('c1'), traceOf('c2')]
  expect(await tracesOf('order-c')).toEqual(both)
  expect((await read('order-c')).names).toMatchObject([{ id: 'order-c', joinedTraceCount: 1 }])
  expect(await tracesOf(traceOf('c2'))).toEqual(both)
})

test('an id on the records of very many traces joins none of them, and the flow says so', async () => {
  for (let one = 0; one < 60; one += 1)
    await sendThrough('payments', `d${one}`, { 'correlation-id': 'tenant-1', ...contextOf(`d${one}`) })
  while ((await learn()) > 0);
  const found = await read(traceOf('d7'))
  expect(found.spans).toHaveLength(2)
  expect(found.caps).toEqual(['tenant-1, which records carry, is on more than 50 traces: they are not joined by it'])
})

test('the record of another message at the same place tells nothing about this one', async () => {
  await sendThrough('orders', 'e1', { 'correlation-id': 'order-of-somebody-else', ...contextOf('zz') })
  await learn()
  expect(await tracesOf('order-of-somebody-else')).toEqual([])
})

test('the attributes of a CloudEvent count in headers and in a structured body, and its key where few share it', async () => {
  await sendThrough('orders', 'f1', { ce_id: 'event-77', ce_correlationid: 'order-f', ...contextOf('f1') })
  const body = JSON.stringify({ specversion: '1.0', id: 'event-78', correlationid: 'order-g' })
  await sendThrough('orders', 'f2', contextOf('f2'), { body, key: 'customer-9' })
  await learn()
  expect(await tracesOf('event-77')).toEqual([traceOf('f1')])
  expect(await tracesOf('order-f')).toEqual([traceOf('f1')])
  for (const id of ['event-78', 'order-g', 'customer-9']) expect(await tracesOf(id)).toEqual([traceOf('f2')])
})

test('what pairs a request with its reply is found by search but joins no flows', async () => {
  await sendThrough('orders', 'h1', { kafka_correlationId: 'pair-1', ...contextOf('h1') })
  await sendThrough('payments', 'h2', { kafka_correlationId: 'pair-1', ...contextOf('h2') })
  await learn()
  expect((await read(traceOf('h1'))).names).toEqual([])
  expect(await tracesOf('pair-1')).toEqual([traceOf('h1')])
})

test('a topic that may not be read is let alone for a while, and read when that is over', async () => {
  await sendThrough('orders', 'i1', { 'correlation-id': 'order-i', ...contextOf('i1') })
  refusal = new Failure('forbidden', 'not authorised for orders')
  await learn()
  refusal = null
  reads = 0
  await learn()
  expect(reads).toBe(0)
  await learn(Date.now() + 3_600_000)
  expect(await tracesOf('order-i')).toEqual([traceOf('i1')])
})

test('the duty of the collector learns by itself of flows that began lately', async () => {
  await sendThrough('orders', 'j1', { 'correlation-id': 'order-j', ...contextOf('j1') })
  const duty = await startLearning({
    client: current(),
    brokers: { get: () => Promise.resolve(counting) },
    correlation: CONVENTIONS_ALONE,
    log,
    holder: 'test',
  })
  try {
    await vi.waitFor(async () => expect(await tracesOf('order-j')).toEqual([traceOf('j1')]), {
      timeout: 30_000,
      interval: 100,
    })
  } finally {
    await duty.stop()
  }
})
