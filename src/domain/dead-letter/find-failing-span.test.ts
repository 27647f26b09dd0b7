import { expect, test } from 'vitest'
import { findFailingSpan } from '#domain/dead-letter/find-failing-span.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { testSpan } from '#domain/trace/test-span.ts'

const TRACE = 'a'.repeat(32)
const NOBODY = new Set<string>()
const at = (ms: number) => ms * 1_000
const boom = { type: 'com.shop.Boom', message: 'no', stack: null }

const span = (spanId: string, over: Partial<SpanRecord> = {}) =>
  testSpan({ spanId, service: 'payments', serviceVersion: '1.2.0', startUs: at(1_000), ...over })
const sender = span('send', { service: 'shop', kind: 'producer' })
const taking = (spanId: string, over: Partial<SpanRecord> = {}) =>
  span(spanId, { kind: 'consumer', parentSpanId: 'send', ...over })
const death = { traceParent: { traceId: TRACE, spanId: 'send' }, deadAtMs: 5_000, consumerGroup: 'payers' }
const found = (spans: readonly SpanRecord[], takers = NOBODY, over = {}) => {
  const answer = findFailingSpan({ ...death, ...over }, takers, spans)
  return answer === null ? null : [answer.receiver.spanId, answer.failing.spanId, answer.exception?.type ?? null]
}

test('the last delivery that failed before the death is the one, by parent or by link', () => {
  const first = taking('first', { exception: boom, startUs: at(2_000) })
  const last = taking('last', { exception: boom, startUs: at(3_000), parentSpanId: null, links: [death.traceParent] })
  const later = taking('later', { exception: boom, startUs: at(900_000) })
  expect(found([sender, first, last, later])).toEqual(['last', 'last', 'com.shop.Boom'])
})

test('the exception may be on a span below, of the same service', () => {
  const receiver = taking('take', { status: 'error' })
  const inner = span('inner', { parentSpanId: 'take' })
  const thrown = span('thrown', { parentSpanId: 'inner', exception: boom })
  const foreign = span('foreign', { parentSpanId: 'take', service: 'bank', exception: { ...boom, type: 'Other' } })
  expect(found([sender, receiver, inner, thrown, foreign])).toEqual(['take', 'thrown', 'com.shop.Boom'])
  expect(found([sender, receiver, foreign])).toEqual(['take', 'take', null])
})

test('whoever wrote the dead letter under its own span is found from that span upwards', () => {
  const receiver = taking('take', { exception: boom })
  const write = span('write', { kind: 'producer', parentSpanId: 'take' })
  expect(found([sender, receiver, write], NOBODY, { traceParent: { traceId: TRACE, spanId: 'write' } })).toEqual([
    'take',
    'take',
    'com.shop.Boom',
  ])
})

test('without a trace parent the id or position of the message tells who took it', () => {
  const receiver = taking('take', { exception: boom, parentSpanId: null })
  expect(found([receiver], new Set([`${TRACE}take`]), { traceParent: null })).toEqual(['take', 'take', 'com.shop.Boom'])
  expect(found([receiver], NOBODY, { traceParent: null })).toBeNull()
})

test('a delivery that went well, or of another group while its own failed too, is not the cause', () => {
  const fine = taking('fine')
  const messaging = {
    system: 'kafka',
    operation: 'process' as const,
    destination: 'orders',
    partition: null,
    offset: null,
    messageId: null,
    clientId: null,
    messageKey: null,
    conversationId: null,
    batchCount: null,
  }
  const own = taking('own', { exception: boom, messaging: { ...messaging, consumerGroup: 'payers' } })
  const other = taking('other', {
    exception: boom,
    startUs: at(4_000),
    messaging: { ...messaging, consumerGroup: 'mailer' },
  })
  expect(found([sender, fine])).toBeNull()
  expect(found([sender, own, other])).toEqual(['own', 'own', 'com.shop.Boom'])
})
