import { expect, test } from 'vitest'
import { readCorrelationId } from '#domain/dead-letter/read-correlation-id.ts'
import type { BrokerMessage } from '#domain/message.ts'

const message = (headers: Record<string, string>, payload: string | null = null): BrokerMessage => ({
  destination: 'dead',
  position: { lane: '0', sequence: '0' },
  key: null,
  headers: Object.entries(headers).map(([name, value]) => ({ name, value: new TextEncoder().encode(value) })),
  payload: payload === null ? null : new TextEncoder().encode(payload),
  timestampMs: null,
  timestampKind: 'unknown',
  attempts: null,
  brokerFailure: null,
})

test.each([
  [{ 'X-Correlation-Id': ' order-7f3a91c2 ' }, 'order-7f3a91c2'],
  [{ 'x-request-id': 'r-1', correlationId: 'order-1' }, 'order-1'],
  [{ 'ce-correlationid': 'order-2' }, 'order-2'],
  [{ baggage: 'user=1, correlation.id=order%2D3;p=1' }, 'order-3'],
  [{ 'NServiceBus.ConversationId': 'c-4' }, 'c-4'],
] as const)('%j is understood', (headers, wanted) => {
  expect(readCorrelationId(message(headers))).toBe(wanted)
})

test.each(['null', 'undefined', '0', '00000000-0000-0000-0000-000000000000', 'test', ' ', 'x'.repeat(300)])(
  '%j is refused, and a better id further down is taken',
  (junk) => {
    expect(readCorrelationId(message({ 'correlation-id': junk, 'x-request-id': 'r-1' }))).toBe('r-1')
    expect(readCorrelationId(message({ 'correlation-id': junk }))).toBeNull()
  },
)

test('a CloudEvents envelope in the body gives its id; any other body is left alone', () => {
  expect(readCorrelationId(message({}, '{"specversion":"1.0","correlationid":"order-5"}'))).toBe('order-5')
  expect(readCorrelationId(message({}, '{"correlationid":"order-5"}'))).toBeNull()
  expect(readCorrelationId(message({}, '{"specversion":'))).toBeNull()
})

test('a rule goes before the headers that everybody knows; where its names are missing or junk they are taken', () => {
  const rule = { system: 'kafka', destination: 'orders', names: ['X-Order.Ref', 'order'] }
  const known = { 'correlation-id': 'req-1' }
  expect(readCorrelationId(message({ ...known, 'x-order-ref': 'order-7' }), rule)).toBe('order-7')
  expect(readCorrelationId(message({ ...known, 'x-order-ref': 'null', Order: 'order-8' }), rule)).toBe('order-8')
  expect(readCorrelationId(message(known), rule)).toBe('req-1')
})

test('a rule without names says that no header of it is the id of a flow', () => {
  const rule = { system: null, destination: '*', names: [] }
  expect(readCorrelationId(message({ 'correlation-id': 'hub-1' }), rule)).toBeNull()
})
