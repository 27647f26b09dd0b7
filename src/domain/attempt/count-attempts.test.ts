import { expect, test } from 'vitest'
import { countAttempts } from '#domain/attempt/count-attempts.ts'
import { findEffects } from '#domain/attempt/find-effects.ts'
import type { MessagingFacts, SpanRecord } from '#domain/trace/span.ts'
import { readCapturedSpans } from '#otlp/read-captured-spans.ts'

const isTaken = ({ messaging }: SpanRecord): boolean =>
  messaging?.operation === 'receive' || messaging?.operation === 'process'
const spansOf = (name: string): readonly SpanRecord[] => readCapturedSpans(name).map(({ span }) => span)
const countIn = (name: string) =>
  countAttempts(
    spansOf(name).filter((span) => isTaken(span)),
    1_000_000,
  )

/** `destination > service`: messages, deliveries, retried, ran again though not marked failed, most attempts of one. */
test.each([
  ['java-a-kafka-default', 'orders > payments', [30, 30, 0, 0, 1]],
  ['java-c-springamqp-stable', 'payments.q > payments', [30, 33, 3, 0, 2]],
  ['java-d-sqs-stable', 'orders > payments', [30, 39, 0, 6, 3]],
  ['node-amqplib', 'payments.orders > payments', [30, 37, 4, 0, 3]],
  ['node-amqplib', 'audit.orders > audit', [30, 30, 0, 0, 1]],
  ['node-aws', 'payments-orders > payments', [30, 37, 0, 4, 3]],
  ['node-kafkajs', 'orders > payments', [30, 31, 1, 0, 2]],
  ['node-kafkajs', 'payments > shipping', [27, 27, 0, 0, 1]],
  ['python-celery-redis', 'payments > payments-worker', [30, 37, 0, 4, 3]],
  ['python-confluent', 'orders > payments', [31 - 1, 31, 0, 1, 2]],
  ['go-a-franz-default', 'orders > payments', [30, 30, 0, 0, 1]],
] as const)('%s, %s: every delivery is an attempt of its own message', (name, who, wanted) => {
  const found = countIn(name).takers.find(({ destination, service }) => `${destination} > ${service}` === who)
  expect([
    found?.messageCount,
    found?.deliveryCount,
    found?.retriedCount,
    found?.duplicateCount,
    found?.worstCount,
  ]).toEqual(wanted)
  expect(found?.steps.reduce((sum, step) => sum + step.firstCount, 0)).toBe(found?.messageCount)
})

test('a listener that never ran is no delivery', () => {
  const retry = countIn('java-b-springkafka-default').takers.find(
    ({ destination }) => destination === 'payments-retry-0',
  )
  expect(retry).toMatchObject({ messageCount: 40, deliveryCount: 40, phantomCount: 13, amplification: 1 })
})

test('messages that a batch took without links are counted and said to be nameless', () => {
  const audit = countIn('node-aws').takers.find(({ service }) => service === 'audit')
  expect(audit).toMatchObject({ messageCount: 15, namelessCount: 15, retriedCount: 0, duplicateCount: 0 })
})

let nextId = 0
const facts: MessagingFacts = {
  system: 'kafka',
  operation: 'process',
  destination: 'orders',
  partition: '0',
  offset: null,
  messageId: null,
  consumerGroup: 'payers',
  clientId: null,
  messageKey: null,
  conversationId: null,
  batchCount: null,
}
const span = (over: Partial<SpanRecord>, said: Partial<MessagingFacts> | null = {}): SpanRecord => ({
  traceId: 't',
  spanId: `s${(nextId += 1)}`,
  parentSpanId: null,
  service: 'payments',
  serviceVersion: null,
  name: 'x',
  kind: 'consumer',
  startUs: nextId * 1_000,
  durationUs: 10,
  status: 'unset',
  statusMessage: null,
  correlationId: null,
  messaging: said === null ? null : { ...facts, ...said },
  exception: null,
  links: [],
  droppedLinkCount: 0,
  ...over,
})

test('two groups that take one message do not repeat it', () => {
  const { repeated } = countAttempts(
    [span({}, { offset: '7' }), span({}, { offset: '7', consumerGroup: 'auditors' })],
    1,
  )
  expect(repeated).toEqual([])
})

test('a message whose run had not failed ran again as a duplicate, one whose runs had all failed was retried', () => {
  const { repeated } = countAttempts(
    [
      span({}, { offset: '1' }),
      span({}, { offset: '1' }),
      span({ status: 'error' }, { offset: '2' }),
      span({}, { offset: '2' }),
    ],
    1,
  )
  expect(repeated.map(({ kind }) => kind)).toEqual(['duplicate', 'retried'])
})

test('a message that was sent twice under one id, and taken at two positions, is a duplicate', () => {
  const twice = [
    span({}, { offset: '1', messageId: 'refund-0007' }),
    span({}, { offset: '2', messageId: 'refund-0007' }),
  ]
  expect(countAttempts(twice, 1).repeated.map(({ kind }) => kind)).toEqual(['duplicate'])
  const counters = [span({}, { offset: '1', messageId: 'e1' }), span({}, { offset: '2', messageId: 'e1' })]
  expect(countAttempts(counters, 1).repeated).toEqual([])
})

test('a key that a tenth of the messages have is hot, however often each was tried', () => {
  const rest = Array.from({ length: 90 }, (_, at) => span({}, { offset: String(at), messageKey: `cold-${at}` }))
  const hot = Array.from({ length: 10 }, (_, at) => span({}, { offset: `1${at}00`, messageKey: 'hot' }))
  const { hotKeys } = countAttempts(
    [...rest, ...hot, ...hot.map((one) => ({ ...one, spanId: `${one.spanId}again` }))],
    1,
  )
  expect(hotKeys).toEqual([{ destination: 'orders', key: 'hot', messageCount: 10, share: 0.1 }])
})

test('effects are what was sent and called below a run within its service', () => {
  const run = span({ spanId: 'run' })
  const trace = [
    run,
    span({ spanId: 'work', parentSpanId: 'run', kind: 'internal' }, null),
    span({ parentSpanId: 'work', kind: 'client' }, null),
    span({ spanId: 'send', parentSpanId: 'work', kind: 'producer' }, { operation: 'send' }),
    span({ parentSpanId: 'run', kind: 'client' }, { operation: 'settle' }),
    span({ parentSpanId: 'send', service: 'shipping' }),
  ]
  expect(findEffects(run, trace)).toEqual({ sentCount: 1, callCount: 1 })
  expect(findEffects(span({ spanId: 'other' }), trace)).toEqual({ sentCount: 0, callCount: 0 })
})
