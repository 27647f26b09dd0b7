import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SamplingRule } from '#collector/ingest/sampling/hold-book.ts'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { isInShare } from '#domain/sampling/is-in-share.ts'
import { createLog } from '#log.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const database = useTestDatabase()
const RULE: SamplingRule = { share: 0.2, slowUs: 10_000_000, waitMs: 30_000, maxHeldBytes: 64 * 1024 * 1024 }
const T0_MS = 1_795_244_000_000
const later = () => Date.now() + RULE.waitMs + 1_000

const start = (rule: SamplingRule = RULE): Promise<Ingest> =>
  startIngest({
    pool: database().pool,
    httpPort: 0,
    grpcPort: 0,
    host: '127.0.0.1',
    log: createLog('test', 'silent'),
    sampling: rule,
  })

let ingest: Ingest
beforeEach(async () => {
  const { pool } = database()
  await pool.query(
    'truncate span, span_link, message_event, flow, flow_member, flow_alias, rollup, telemetry_request, sampling_request, sampling_drop, sampling_count',
  )
  ingest = await start()
})
afterEach(() => ingest.stop())

let serial = 0
const hex = (digits: number) => (serial += 1).toString(16).padStart(8, '0').padStart(digits, 'c')

interface SpanShape {
  readonly traceId: string
  readonly key?: string
  readonly destination?: string
  readonly isError?: boolean
  readonly atMs?: number
  readonly links?: readonly string[]
}

function spanOf({ traceId, key, destination, isError = false, atMs = 0, links = [] }: SpanShape) {
  const attributes = {
    ...(key === undefined ? {} : { 'messaging.message.conversation_id': key }),
    ...(destination === undefined
      ? {}
      : { 'messaging.system': 'kafka', 'messaging.operation.type': 'send', 'messaging.destination.name': destination }),
  }
  return {
    traceId,
    spanId: hex(16),
    name: 'x',
    kind: 4,
    startTimeUnixNano: `${T0_MS + atMs}000000`,
    endTimeUnixNano: `${T0_MS + atMs + 1}000000`,
    status: isError ? { code: 2 } : {},
    attributes: Object.entries(attributes).map(([name, value]) => ({ key: name, value: { stringValue: value } })),
    links: links.map((linked) => ({ traceId: linked, spanId: '1'.repeat(16) })),
  }
}

async function send(...spans: readonly SpanShape[]): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${ingest.httpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans.map(spanOf) }] }] }),
  })
  expect(answer.status).toBe(200)
}

const countOf = async (sql: string): Promise<number> => Number((await database().pool.query(sql)).rows[0].count)
const storedOf = (traceId: string) => countOf(`select count(*) from span where trace_id = '${traceId}'`)
const settle = (nowMs = later()) => ingest.sampler!.settle(nowMs)
const counts = () => openTelemetryReader(database().pool).readSampling(0)

/** Keys that the share keeps, or does not keep. */
const keysWhere = (isKept: boolean, count: number): readonly string[] =>
  Array.from({ length: 1_000 }, (_, index) => `order-${serial}-${index}`)
    .filter((key) => isInShare(key, RULE.share) === isKept)
    .slice(0, count)
const [keyOfShare, unluckyKey] = [() => keysWhere(true, 1)[0]!, () => keysWhere(false, 1)[0]!]

test('a flow of the share is stored at once and whole, spans without its key included', async () => {
  const traceId = hex(32)
  await send({ traceId }, { traceId, key: keyOfShare(), destination: 'orders' }, { traceId })
  expect(await storedOf(traceId)).toBe(3)
})

test('spans that came before the key of their trace are stored with the flow', async () => {
  const traceId = hex(32)
  await send({ traceId }, { traceId })
  expect(await storedOf(traceId)).toBe(0)
  await send({ traceId, key: keyOfShare(), destination: 'orders' })
  await settle(Date.now())
  expect(await storedOf(traceId)).toBe(3)
})

test('a flow outside of the share waits, is dropped whole and counted by destination; later spans follow', async () => {
  const traceId = hex(32)
  const key = unluckyKey()
  await send({ traceId, key, destination: 'orders' }, { traceId })
  expect(await counts()).toMatchObject({ receivedCount: 2, keptCount: 0, droppedCount: 0 })
  await settle()
  await send({ traceId, key, destination: 'orders' }, { traceId: hex(32), key, destination: 'payments' })
  expect(await counts()).toEqual({
    receivedCount: 4,
    keptCount: 0,
    droppedCount: 4,
    destinations: [
      { destination: 'orders', receivedCount: 2, keptCount: 0, droppedCount: 2 },
      { destination: null, receivedCount: 1, keptCount: 0, droppedCount: 1 },
      { destination: 'payments', receivedCount: 1, keptCount: 0, droppedCount: 1 },
    ],
  })
  expect(await countOf('select count(*) from span')).toBe(0)
  expect(await countOf('select count(*) from flow')).toBe(0)
  expect(await countOf('select count(*) from sampling_request')).toBe(0)
})

test.each([
  ['an error', { isError: true, destination: 'orders' }],
  ['a dead letter', { destination: 'orders.dlq' }],
])('%s keeps the flow, what waited of it included', async (_what, more) => {
  const key = unluckyKey()
  const [first, second] = [hex(32), hex(32)]
  await send({ traceId: first, key, destination: 'orders' }, { traceId: first })
  await send({ traceId: second, key, ...more })
  await settle(Date.now())
  expect([await storedOf(first), await storedOf(second)]).toEqual([2, 1])
})

test('an error in a span without a key keeps the flow of its trace', async () => {
  const traceId = hex(32)
  await send({ traceId, key: unluckyKey(), destination: 'orders' })
  await send({ traceId, isError: true })
  await settle(Date.now())
  expect(await storedOf(traceId)).toBe(2)
})

test('an error that comes late keeps what is left of the flow, and the flow says what is gone', async () => {
  const key = unluckyKey()
  const [gone, left] = [hex(32), hex(32)]
  await send({ traceId: gone, key, destination: 'orders' }, { traceId: gone, key, destination: 'orders' })
  await settle()
  await send({ traceId: left, key, destination: 'payments', isError: true }, { traceId: left })
  await send({ traceId: left, key, destination: 'payments' })
  expect([await storedOf(gone), await storedOf(left)]).toEqual([0, 3])
  const flow = await openTelemetryReader(database().pool).readFlowSpans(key, 100)
  expect(flow.caps).toEqual(['2 spans of the flow were dropped by sampling before it was kept'])
  expect(await counts()).toMatchObject({ receivedCount: 5, keptCount: 3, droppedCount: 2 })
})

test('a slow flow is kept, also when its end comes after its beginning was dropped', async () => {
  const [slow, late] = [unluckyKey(), keysWhere(false, 2)[1]!]
  const [slowTrace, lateTrace] = [hex(32), hex(32)]
  await send({ traceId: slowTrace, key: slow, destination: 'orders' })
  await send({ traceId: slowTrace, key: slow, destination: 'orders', atMs: 12_000 })
  await send({ traceId: lateTrace, key: late, destination: 'orders' })
  await settle()
  expect(await storedOf(slowTrace)).toBe(2)
  await send({ traceId: lateTrace, key: late, destination: 'orders', atMs: 60_000 })
  expect(await storedOf(lateTrace)).toBe(1)
})

test('an operation keeps the flow that it touches', async () => {
  const key = unluckyKey()
  const traceId = hex(32)
  await send({ traceId, key, destination: 'orders' })
  const own = { name: 'x', kind: 'producer' as const, startUs: T0_MS * 1_000, durationUs: 1, isError: false }
  await ingest.telemetry.recordOwnSpans([
    { ...own, traceId: hex(32), spanId: hex(16), correlationId: key, links: [], attributes: {} },
  ])
  await settle(Date.now())
  expect(await storedOf(traceId)).toBe(1)
})

test('a trace without a key that took a message of a kept flow is kept with it', async () => {
  const [sender, receiver] = [hex(32), hex(32)]
  await send({ traceId: receiver, links: [sender] }, { traceId: receiver })
  await send({ traceId: sender, key: keyOfShare(), destination: 'orders' }, { traceId: sender })
  await settle()
  expect([await storedOf(sender), await storedOf(receiver)]).toEqual([2, 2])
})

test('of many flows every one is whole or gone, the charts count all, and the sums add up', async () => {
  const keys = Array.from({ length: 200 }, (_, index) => `flow-${serial}-${index}`)
  const traces = keys.map(() => [hex(32), hex(32)] as const)
  const shapes = keys.flatMap((key, index): readonly SpanShape[] => [
    { traceId: traces[index]![0], key, destination: 'orders' },
    { traceId: traces[index]![0] },
    { traceId: traces[index]![1], key, destination: 'payments', isError: index % 50 === 0 },
  ])
  // Every flow is spread over several requests, in an order that is not its own.
  for (let part = 0; part < 7; part += 1) await send(...shapes.filter((_, index) => (index * 5) % 7 === part))
  await settle()
  const sizes = await database().pool.query('select span_count as spans from flow')
  const kept = keys.filter((key, index) => isInShare(key, RULE.share) || index % 50 === 0)
  expect(sizes.rows.map(({ spans }) => spans)).toEqual(kept.map(() => 3))
  const { receivedCount, keptCount, droppedCount } = await counts()
  expect([receivedCount, keptCount, droppedCount]).toEqual([600, kept.length * 3, (200 - kept.length) * 3])
  expect(await countOf('select count(*) from span')).toBe(kept.length * 3)
  await expect
    .poll(() => countOf('select coalesce(sum(sent_count), 0) as count from rollup'), { timeout: 20_000 })
    .toBe(400)
})

test('what waits survives the process, and is decided once by the next', async () => {
  const key = unluckyKey()
  const traceId = hex(32)
  await send({ traceId, key, destination: 'orders' }, { traceId })
  await ingest.stop()
  await database().pool.query("update sampling_request set held_until = now() - interval '1 second'")
  ingest = await start()
  await send({ traceId, key, destination: 'orders', isError: true })
  await settle(Date.now())
  expect(await storedOf(traceId)).toBe(3)
  expect(await counts()).toMatchObject({ receivedCount: 3, keptCount: 3, droppedCount: 0 })
})

test('a request that is sent again while its flow waits is counted once', async () => {
  const body = JSON.stringify({
    resourceSpans: [
      { scopeSpans: [{ spans: [spanOf({ traceId: hex(32), key: unluckyKey(), destination: 'orders' })] }] },
    ],
  })
  for (let time = 0; time < 2; time += 1)
    await fetch(`http://127.0.0.1:${ingest.httpPort}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  await settle()
  expect(await counts()).toMatchObject({ receivedCount: 1, droppedCount: 1 })
})

test('memory is bounded: when more waits than may, the oldest is decided early', async () => {
  await ingest.stop()
  ingest = await start({ ...RULE, maxHeldBytes: 20_000 })
  for (let round = 0; round < 40; round += 1) {
    const keys = Array.from({ length: 20 }, (_, index) => `many-${serial}-${round}-${index}`)
    await send(...keys.map((key) => ({ traceId: hex(32), key, destination: 'orders' })))
    await settle(Date.now())
    expect(ingest.sampler!.heldBytes).toBeLessThan(40_000)
  }
  expect((await counts()).droppedCount).toBeGreaterThan(100)
})

test('when sampling is switched off, what waited is stored', async () => {
  const traceId = hex(32)
  await send({ traceId, key: unluckyKey(), destination: 'orders' })
  await ingest.stop()
  await database().pool.query("update sampling_request set held_until = now() - interval '1 second'")
  ingest = await start({ ...RULE, share: 1 })
  await settle(Date.now())
  expect(await storedOf(traceId)).toBe(1)
})
