import { expect, test } from 'vitest'
import { selectFlowSpans } from '#domain/trace/select-flow-spans.ts'
import type { MessagingOperation, SpanRecord } from '#domain/trace/span.ts'
import { testFacts, testSpan } from '#domain/trace/test-span.ts'

const TRACE = 'a'.repeat(32)

function span(
  spanId: string,
  parentSpanId: string | null,
  more: { key?: string; operation?: MessagingOperation; links?: number } = {},
): SpanRecord {
  return testSpan({
    traceId: TRACE,
    spanId,
    parentSpanId,
    name: spanId,
    correlationId: more.key ?? null,
    messaging: more.operation === undefined ? null : testFacts({ operation: more.operation, destination: 'd' }),
    links: Array.from({ length: more.links ?? 0 }, (_, index) => ({ traceId: 'b'.repeat(32), spanId: `${index}` })),
  })
}

test('a poll of three messages gives each flow its own part and the poll around it', () => {
  const trace = [
    span('poll', null, { operation: 'receive' }),
    ...['one', 'two', 'three'].flatMap((id) => [
      span(id, 'poll', { operation: 'process', links: 1 }),
      span(`db-${id}`, id),
    ]),
  ]
  expect([...selectFlowSpans(trace, 'order-2', new Map([['two', new Set<string>()]])).chosen].toSorted()).toEqual([
    'db-two',
    'poll',
    'two',
  ])
})

test('a key that changes below a span of the flow does not end it; above and beside it, it does', () => {
  const trace = [
    span('root', null),
    span('mine', 'root', { key: 'order-1' }),
    span('below', 'mine'),
    span('theirs', 'mine', { key: 'order-2' }),
    span('below-theirs', 'theirs'),
    span('beside', 'root', { key: 'order-3' }),
    span('below-beside', 'beside'),
  ]
  expect([...selectFlowSpans(trace, 'order-1', new Map()).chosen].toSorted()).toEqual([
    'below',
    'below-theirs',
    'mine',
    'root',
    'theirs',
  ])
})

test('parents in a circle end the walk', () => {
  const trace = [span('a', 'b'), span('b', 'a'), span('c', 'b', { key: 'order-1' })]
  expect([...selectFlowSpans(trace, 'order-1', new Map()).chosen].toSorted()).toEqual(['a', 'b', 'c'])
})
