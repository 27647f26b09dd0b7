import { expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { testFacts, testSpan } from '#domain/trace/test-span.ts'
import { readComparison } from '#server/read-comparison.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'
import type { FlowHistogram, FlowQuery, FoundFlow, TelemetryReader } from '#telemetry-store/telemetry-store.ts'

const database = useTestDatabase()
const DEPLOY_MS = Date.UTC(2026, 0, 5, 12)
const FLOWS = [
  { key: 'old-1', startedMs: DEPLOY_MS - 60_000, version: '1.0', dwellMs: 20 },
  { key: 'old-2', startedMs: DEPLOY_MS - 50_000, version: '1.0', dwellMs: 30 },
  { key: 'new-1', startedMs: DEPLOY_MS + 10_000, version: '2.0', dwellMs: 900 },
]

function spansOf(key: string): readonly SpanRecord[] {
  const flow = FLOWS.find((one) => one.key === key)
  if (flow === undefined) return []
  const sent = testSpan({
    kind: 'producer',
    startUs: flow.startedMs * 1000,
    messaging: testFacts({ destination: 'orders' }),
  })
  const taken = testSpan({
    spanId: '2'.repeat(16),
    parentSpanId: sent.spanId,
    service: 'payments',
    serviceVersion: flow.version,
    kind: 'consumer',
    startUs: (flow.startedMs + flow.dwellMs) * 1000,
    messaging: testFacts({ operation: 'process', destination: 'orders' }),
  })
  return [sent, taken]
}

const isIn = ({ fromUs, toUs }: FlowQuery, { startedMs }: { readonly startedMs: number }): boolean =>
  startedMs * 1000 >= fromUs && startedMs * 1000 < toUs

const foundFlow = (flowKey: string, startedMs: number): FoundFlow => ({
  flowKey,
  startedUs: startedMs * 1000,
  endedUs: startedMs * 1000,
  services: [],
  destinations: [],
  traceCount: 1,
  spanCount: 2,
  errorCount: 0,
  hopCount: 1,
  status: 'completed',
  strip: [],
  recordName: null,
})
const countOf = (count: number): FlowHistogram => ({
  stepUs: 1,
  buckets: [{ atUs: 0, count, badCount: 0 }],
  sampleFactor: 1,
  isUpperBound: false,
})

const telemetry: TelemetryReader = {
  ...knownNothing,
  listFlows: async (query) => ({
    ...(await knownNothing.listFlows(query)),
    flows: FLOWS.filter((flow) => isIn(query, flow)).map(({ key, startedMs }) => foundFlow(key, startedMs)),
  }),
  countFlows: async (query) => countOf(FLOWS.filter((flow) => isIn(query, flow)).length),
  readFlowSpans: (flowKey) =>
    Promise.resolve({
      flowKey,
      spans: spansOf(flowKey),
      omittedSpanCount: 0,
      otherTraceSpanCount: 0,
      caps: [],
      partialTraceIds: [],
      bridges: [],
      names: [],
      silentPolls: [],
    }),
}

const compare = (left: string, right: string, reader = telemetry) => {
  const web = openTestWeb(database().database, reader)
  web.setNowMs(DEPLOY_MS + 120_000)
  return readComparison(web.runtime, { left, right })
}

test('two flows are told apart by the step that took longer', async () => {
  const { steps, left, right } = await compare('flow:old-1', 'flow:new-1')
  expect(steps).toMatchObject([
    { sender: 'checkout', destination: 'orders', receiver: 'payments', differences: ['longer-in-queue'] },
  ])
  expect([left.flowCount, right.flowCount]).toEqual([1, 1])
})

test('windows before and after a moment hold the flows that began in them', async () => {
  const answer = await compare(
    `window:${DEPLOY_MS - 900_000}..${DEPLOY_MS}`,
    `window:${DEPLOY_MS}..${DEPLOY_MS + 900_000}`,
  )
  expect([answer.leftKeys, answer.rightKeys]).toEqual([['old-1', 'old-2'], ['new-1']])
  expect([answer.leftSize.totalCount, answer.rightSize.totalCount]).toEqual([2, 1])
})

test('of a window with more flows than are read, flows of every part of it are compared, and it is said of how many', async () => {
  const startedMs = Array.from({ length: 1_000 }, (_, index) => DEPLOY_MS + index)
  const crowded: TelemetryReader = {
    ...telemetry,
    countFlows: async () => countOf(startedMs.length),
    listFlows: async (query) => ({
      ...(await knownNothing.listFlows(query)),
      flows: startedMs
        .filter((one) => isIn(query, { startedMs: one }))
        .toReversed()
        .slice(0, query.limit)
        .map((one) => foundFlow(String(one - DEPLOY_MS), one)),
    }),
    readFlowSpans: async (flowKey) => ({
      ...(await telemetry.readFlowSpans(flowKey, 1)),
      spans: [testSpan({ startUs: (DEPLOY_MS + Number(flowKey)) * 1_000 })],
    }),
  }
  const window = `window:${DEPLOY_MS}..${DEPLOY_MS + 1_000}`
  const { left, leftSize, leftKeys } = await compare(window, window, crowded)
  expect([left.flowCount, leftSize.totalCount]).toEqual([400, 1_000])
  const eighths = new Set(leftKeys.map((key) => Math.floor(Number(key) / 125)))
  expect(eighths.size).toBe(8)
})

test('versions hold the flows in which the service said so', async () => {
  const answer = await compare('version:payments@1.0', 'version:payments@2.0')
  expect([answer.leftKeys.toSorted(), answer.rightKeys]).toEqual([['old-1', 'old-2'], ['new-1']])
})

test('a side without a flow is said, and so is one that cannot be read', async () => {
  await expect(compare('version:payments@3.0', 'flow:new-1')).rejects.toMatchObject({ code: 'not-found' })
  await expect(compare('flow:old-1', 'flow:nobody')).rejects.toMatchObject({ code: 'not-found' })
  await expect(compare('flow:old-1', 'window:2..1')).rejects.toMatchObject({ code: 'invalid' })
})
