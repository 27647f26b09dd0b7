import { beforeAll, describe, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { indexedKeys } from '#telemetry-store/postgres/indexed-keys.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { bodyOf, flow, type TestSpan } from '#telemetry-store/postgres/test-flow.ts'
import { ANY_FLOW } from '#telemetry-store/any-flow.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

const database = useTestDatabase()
const T0_US = 1_795_000_000_000_000
const SECOND_US = 1_000_000

let writer: SpanBatchWriter
async function store(spans: readonly TestSpan[]): Promise<void> {
  const unit = new StagedSpans(dayNumber(Date.now()))
  walkJsonTraces(bodyOf(spans), unit)
  expect(unit.rowCount).toBe(spans.length)
  await writer.write([unit])
  unit.release()
  await writer.flushRollups(Date.now())
}

const ALL: FlowQuery = {
  ...ANY_FLOW,
  fromUs: T0_US,
  toUs: T0_US + 3_600 * SECOND_US,
}

/** Every page of a search, as one list without repetitions. */
async function search(question: Partial<FlowQuery>): Promise<readonly string[]> {
  const reader = openTelemetryReader(database().pool)
  const keys = new Set<string>()
  let cursor: string | null = null
  do {
    const page = await reader.listFlows({ ...ALL, ...question, cursor })
    for (const found of page.flows) keys.add(found.flowKey)
    cursor = page.nextCursor
  } while (cursor !== null)
  return [...keys]
}

const at = (second: number): number => T0_US + second * SECOND_US

beforeAll(async () => {
  const { pool } = database()
  await ensurePartitions(pool, Date.now())
  writer = new SpanBatchWriter(pool)
  await store([
    ...flow({ key: 'plain', atUs: at(1) }),
    ...flow({ key: 'other-names', atUs: at(2), from: 'web', to: 'mail', queue: 'letters', group: 'mailers' }),
    ...flow({ key: 'failed', atUs: at(3), failure: 'com.example.CardDeclinedException' }),
    ...flow({ key: 'dead', atUs: at(4), queue: 'orders.DLQ' }),
    ...flow({ key: 'slow', atUs: at(5), waitUs: 20 * SECOND_US }),
    ...flow({ key: 'retried', atUs: at(6), takes: 3, waitUs: 1_500_000 }),
    ...flow({ key: 'keyed', atUs: at(7), messageKey: 'customer-7', offset: 4711 }),
    ...flow({ key: 'tenant-a', atUs: at(8), attributes: { 'app.tenant': 'ä "quoted" 50%_x', 'app.size': 12 } }),
    ...flow({ key: 'tenant-b', atUs: at(9), attributes: { 'app.tenant': 'b', 'app.note': '"app.tenant":"c"' } }),
  ])
})

describe('a flow is found by', () => {
  test.each<[string, Partial<FlowQuery>, readonly string[]]>([
    ['its correlation id', { id: 'plain' }, ['plain']],
    ['the position of its message', { id: 'orders/3/4711' }, ['keyed']],
    ['the key of its message', { messageKey: 'customer-7' }, ['keyed']],
    ['a service', { service: 'mail' }, ['other-names']],
    ['a destination', { destination: 'letters' }, ['other-names']],
    ['a consumer group', { consumerGroup: 'mailers' }, ['other-names']],
    ['having errors', { status: 'error' }, ['dead', 'failed']],
    ['being dead-lettered', { status: 'dead-lettered' }, ['dead']],
    ['its failure', { failure: 'com.example.CardDeclinedException' }, ['failed']],
    ['its failure without the package, in any case', { failure: 'carddeclinedexception' }, ['failed']],
    ['lasting long', { minDurationUs: 10 * SECOND_US }, ['slow']],
    ['lasting neither long nor short', { minDurationUs: SECOND_US, maxDurationUs: 10 * SECOND_US }, ['retried']],
    ['a long wait', { minDwellUs: 10 * SECOND_US }, ['slow']],
    ['several waits', { minDwellUs: SECOND_US }, ['slow', 'retried']],
    ['a repeated attempt', { minAttempt: 2 }, ['retried']],
    ['a third attempt', { minAttempt: 3 }, ['retried']],
    ['an attribute', { attribute: { key: 'app.tenant', value: 'b', index: null } }, ['tenant-b']],
    ['a number', { attribute: { key: 'app.size', value: '12', index: null } }, ['tenant-a']],
    [
      'an attribute of any value',
      { attribute: { key: 'app.tenant', value: null, index: null } },
      ['tenant-b', 'tenant-a'],
    ],
    [
      'what its service says of itself',
      { attribute: { key: 'region', value: 'region of mail', index: null } },
      ['other-names'],
    ],
    [
      'a text with quotes, wildcards and letters from abroad',
      { attribute: { key: 'app.tenant', value: 'ä "quoted" 50%_x', index: null } },
      ['tenant-a'],
    ],
    ['several things at once', { service: 'till', minDwellUs: SECOND_US, status: 'all', minAttempt: 2 }, ['retried']],
    [
      'an id and an attribute',
      { id: 'tenant-b', attribute: { key: 'app.tenant', value: 'b', index: null } },
      ['tenant-b'],
    ],
    [
      'a failure and an attribute',
      { failure: 'CardDeclinedException', attribute: { key: 'messaging.system', value: 'kafka', index: null } },
      ['failed'],
    ],
    ['the time at which it began', { fromUs: at(2), toUs: at(4) }, ['failed', 'other-names']],
  ])('%s', async (_, question, keys) => {
    expect((await search(question)).toSorted()).toEqual(keys.toSorted())
  })

  test.each<[string, Partial<FlowQuery>]>([
    ['a service that nobody has', { service: 'mai' }],
    ['a wildcard', { service: '%' }],
    ['a wildcard as the value', { attribute: { key: 'app.tenant', value: '%', index: null } }],
    ['an attribute that stands in the text of another', { attribute: { key: 'app.tenant', value: 'c', index: null } }],
    ['a fourth attempt', { minAttempt: 4 }],
    ['a wait that nobody had', { minDwellUs: 30 * SECOND_US }],
    ['a position one further', { id: 'orders/3/4712' }],
    ['the key of another topic', { messageKey: 'customer-7', destination: 'letters' }],
    ['a failure of another service', { failure: 'CardDeclinedException', service: 'mail' }],
    ['an id of 10 kB', { id: "'; drop table flow; --".repeat(450) }],
    ['a window in which nothing was', { fromUs: at(100), toUs: at(200) }],
    ['a window before all time', { fromUs: 0, toUs: 1 }],
    [
      'an attribute of an id that has it not',
      { id: 'plain', attribute: { key: 'app.tenant', value: 'b', index: null } },
    ],
  ])('not by %s', async (_, question) => expect(await search(question)).toEqual([]))
})

test('an indexed attribute is found by postings where they are complete, and by looking before that', async () => {
  const index = { number: 7, completeFromUs: at(1_000) }
  const attribute = { key: 'app.tenant', value: 'indexed', index }
  await store(flow({ key: 'before-index', atUs: at(900), attributes: { 'app.tenant': 'indexed' } }))
  indexedKeys.replace([{ number: 7, key: 'app.tenant' }])
  await store(flow({ key: 'with-index', atUs: at(1_001), attributes: { 'app.tenant': 'indexed' } }))
  indexedKeys.replace([])
  expect(await search({ attribute })).toEqual(['with-index', 'before-index'])
  const posted = { ...attribute, index: { ...index, completeFromUs: 0 } }
  expect(await search({ attribute: posted })).toEqual(['with-index'])
  expect(await search({ attribute: { ...posted, value: null } })).toEqual(['with-index'])
  expect(await search({ attribute: posted, service: 'nobody' })).toEqual([])
})

test('pages of what happened are whole: nothing is passed over, an instant is never cut', async () => {
  const count = 130
  await store(
    Array.from({ length: count }, (_, index) => ({
      ...flow({ key: `many-${index}`, atUs: at(2_000) + Math.floor(index / 7) * 1_000 })[0]!,
      exception: 'Flood',
    })),
  )
  for (const limit of [1, 7, 50]) expect(await search({ failure: 'flood', limit })).toHaveLength(count)
  const destination = { destination: 'orders', fromUs: at(2_000), toUs: at(2_100) }
  for (const limit of [1, 50]) expect(await search({ ...destination, limit })).toHaveLength(count)
})

test('a rare name is found wherever in a flow it came up, page by page, without looking at every flow', async () => {
  await store([
    ...flow({ key: 'late-name', atUs: at(2_500), waitUs: 90 * SECOND_US, to: 'latecomer' }),
    ...flow({ key: 'border-name', atUs: at(2_519), waitUs: 3 * SECOND_US, to: 'latecomer' }),
    ...flow({ key: 'short-name', atUs: at(2_900), to: 'latecomer' }),
    ...Array.from({ length: 50 }, (_, index) => flow({ key: `crowd-${index}`, atUs: at(2_500 + index * 5) })).flat(),
  ])
  const names = ['short-name', 'border-name', 'late-name']
  for (const limit of [1, 2, 50]) expect(await search({ service: 'latecomer', limit })).toEqual(names)
  expect(await search({ service: 'latecomer', destination: 'orders', consumerGroup: 'tills', limit: 1 })).toEqual(names)
  expect(await search({ service: 'latecomer', minDurationUs: 60 * SECOND_US })).toEqual(['late-name'])
  expect(await search({ service: 'latecomer', toUs: at(2_510) })).toEqual(['late-name'])
})

test('a strip shows who sent, where it waited and who took it how often', async () => {
  const page = await openTelemetryReader(database().pool).listFlows({ ...ALL, id: 'retried' })
  expect(page.flows[0]?.strip).toEqual([
    { kind: 'service', name: 'shop', isError: false, times: 1 },
    { kind: 'queue', name: 'orders', dwellUs: 1_500_000, isOpen: false },
    { kind: 'service', name: 'till', isError: false, times: 3 },
  ])
})

test('flows are counted by the step in which they began, the bad ones apart', async () => {
  const reader = openTelemetryReader(database().pool)
  const window = { ...ALL, fromUs: at(0), toUs: at(10) }
  const counted = await reader.countFlows(window, 5 * SECOND_US)
  expect(counted).toEqual({
    stepUs: 5 * SECOND_US,
    sampleFactor: 1,
    isUpperBound: false,
    buckets: [
      { atUs: at(0), count: 4, badCount: 2 },
      { atUs: at(5), count: 5, badCount: 0 },
    ],
  })
  const failures = await reader.countFlows({ ...window, failure: 'carddeclinedexception' }, 5 * SECOND_US)
  expect(failures).toMatchObject({ isUpperBound: false, buckets: [{ atUs: at(0), count: 1 }] })
  const mail = await reader.countFlows({ ...window, service: 'mail' }, 5 * SECOND_US)
  expect(mail.buckets).toEqual([{ atUs: at(0), count: 1, badCount: 0 }])
})

test('a search that was called off ends at once and says how far it looked', async () => {
  const attribute = { key: 'app.tenant', value: 'nobody', index: null }
  const page = await openTelemetryReader(database().pool).listFlows({ ...ALL, attribute }, AbortSignal.abort())
  expect(page.flows).toEqual([])
  expect(page.searchedIn).toBe('spans')
  expect(page.nextCursor).not.toBeNull()
  expect(page.searchedToUs).toBeGreaterThan(ALL.fromUs)
})
