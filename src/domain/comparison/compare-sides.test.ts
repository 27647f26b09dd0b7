import { expect, test } from 'vitest'
import { compareSides } from '#domain/comparison/compare-sides.ts'
import { parseComparisonSide, writeComparisonSide } from '#domain/comparison/comparison-side.ts'
import { type ComparedFlow, cutComparedFlow } from '#domain/comparison/path-step.ts'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { FlowOperationItem, Hop } from '#domain/flow/flow.ts'
import { readCapturedSpans } from '#otlp/read-captured-spans.ts'

const T0 = 1_795_000_000_000_000
const hop = (path: string, over: Partial<Hop> = {}): Hop => {
  const [sender, destination, receiver] = path.split('>')
  const sentUs = over.sentUs ?? T0
  const dwellUs = over.dwellUs ?? 1_000
  return {
    id: path,
    system: 'kafka',
    destination: destination ?? '',
    partition: null,
    offset: null,
    messageId: null,
    sender: { traceId: 't', spanId: 's', service: sender ?? '' },
    receiver: { traceId: 't', spanId: 'r', service: receiver ?? '' },
    consumerGroup: null,
    attribution: null,
    attempt: null,
    outcome: 'processed',
    sentUs,
    receivedUs: sentUs + dwellUs,
    settledUs: sentUs + dwellUs + 10_000,
    dwellUs,
    isSkewed: false,
    isDwellBounded: false,
    joinedBy: 'parent',
    oneOf: null,
    ...over,
  }
}
const flow = (...hops: readonly Hop[]): ComparedFlow => ({
  flowKey: 'k',
  durationUs: 1_000_000,
  shares: { processing: 600_000, queue: 400_000, 'back-off': 0, parked: 0, idle: 0 },
  hops,
})
const summary = ({ steps }: ReturnType<typeof compareSides>): readonly string[] =>
  steps.map(({ sender, destination, receiver, differences }) =>
    [`${sender}>${destination}>${receiver}`, ...differences].join(' '),
  )

test('flows of one shape and one pace are alike', () => {
  const one = flow(hop('a>x>b'), hop('b>y>c'))
  expect(summary(compareSides([one], [one, one]))).toEqual(['a>x>b', 'b>y>c'])
})

test('a step that only one side has stands where it belongs in the path', () => {
  const left = flow(hop('a>x>b'), hop('b>y>c'), hop('c>z>d'))
  const right = flow(hop('a>x>b'), hop('b>dead>desk'), hop('b>y>c'))
  expect(summary(compareSides([left], [right]))).toEqual([
    'a>x>b',
    'b>dead>desk only-right',
    'b>y>c',
    'c>z>d only-left',
  ])
})

test('what the right side does otherwise is named: retries, failures, waiting, work', () => {
  const left = flow(hop('a>x>b', { dwellUs: 20_000 }))
  const right = flow(
    hop('a>x>b', { dwellUs: 200_000, outcome: 'failed' }),
    hop('a>x>b', { dwellUs: 400_000, settledUs: T0 + 900_000 }),
  )
  expect(summary(compareSides([left], [right]))[0]).toBe('a>x>b more-deliveries more-failures longer-in-queue')
  expect(summary(compareSides([right], [left]))[0]).toBe('a>x>b fewer-deliveries fewer-failures shorter-in-queue')
})

test('a few milliseconds are noise, whatever the factor', () => {
  const [left, right] = [flow(hop('a>x>b', { dwellUs: 500 })), flow(hop('a>x>b', { dwellUs: 4_000 }))]
  expect(summary(compareSides([left], [right]))).toEqual(['a>x>b'])
})

test('cohorts are told by quantiles and by how many of their flows go a way', () => {
  const flows = Array.from({ length: 20 }, (_, at) => flow(hop('a>x>b', { dwellUs: (at + 1) * 10_000 })))
  const [step] = compareSides(flows, [...flows.slice(0, 10), flow()]).steps
  expect(step?.left).toMatchObject({ flowCount: 20, dwell: { p50Us: 100_000, p95Us: 190_000 } })
  expect(step?.right).toMatchObject({ flowCount: 10, deliveryCount: 10 })
})

test('a redriven flow is cut in two where its copy was sent', () => {
  const item = { sentUs: T0 + 5_000_000 } as FlowOperationItem
  const whole = {
    summary: { flowKey: 'k', startedUs: T0, endedUs: T0 + 6_000_000 },
    hops: [hop('a>x>b', { outcome: 'dead-lettered' }), hop('a>x>b', { sentUs: T0 + 5_000_000 })],
    timeShares: [{ kind: 'parked', startUs: T0 + 1_000_000, durationUs: 4_000_000 }],
    operationItems: [item],
  } as unknown as Parameters<typeof cutComparedFlow>[0]
  const [before, after] = [cutComparedFlow(whole, 'before'), cutComparedFlow(whole, 'after')]
  expect(before.hops.map(({ outcome }) => outcome)).toEqual(['dead-lettered'])
  expect(after.hops.map(({ outcome }) => outcome)).toEqual(['processed'])
  expect(after.durationUs).toBe(1_000_000)
  expect(after.shares.parked).toBe(0)
  expect(cutComparedFlow(whole, null).shares.parked).toBe(4_000_000)
})

test('captured flows of one system have one shape, those of another have none of its steps', () => {
  const assemble = (name: string) => {
    const spans = readCapturedSpans(name).map(({ span }) => span)
    const nothing = { omittedSpanCount: 0, caps: [], deadLetters: [], operationItems: [] }
    return cutComparedFlow(assembleFlow({ flowKey: name, spans, ...nothing }), null)
  }
  const [java, amqp] = [assemble('java-a-kafka-default'), assemble('node-amqplib')]
  const alike = compareSides([java], [assemble('java-a-kafka-stable')]).steps
  expect(alike.filter(({ left, right }) => left === null || right === null)).toEqual([])
  expect(compareSides([java], [amqp]).steps.every(({ left, right }) => left === null || right === null)).toBe(true)
})

test.each([
  ['order-7', { kind: 'flow', flowKey: 'order-7' }],
  ['flow:window:1..2', { kind: 'flow', flowKey: 'window:1..2' }],
  ['before:a:b', { kind: 'before', flowKey: 'a:b' }],
  ['window:1000..2000', { kind: 'window', fromMs: 1000, toMs: 2000 }],
  ['window:2000..1000', null],
  ['version:a@b@1.2', { kind: 'version', service: 'a@b', version: '1.2' }],
  [' ', null],
])('%s is read as a side', (text, side) => {
  const read = parseComparisonSide(text)
  expect(read).toEqual(side)
  if (read !== null) expect(parseComparisonSide(writeComparisonSide(read))).toEqual(side)
})
