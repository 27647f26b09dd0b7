import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerText, type BrokerMessage, type Header } from '#domain/message.ts'
import { buildCopyHeaders, idempotencyIdOf, readRedriveCount } from '#domain/operation/copy-message.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const mark = { operationId: 'op', ordinal: 7, traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }

const messageWith = (headers: readonly Header[], timestampMs: number | null = 5): BrokerMessage => ({
  destination: 'x.DLT',
  position: { lane: '0', sequence: '1' },
  key: null,
  headers,
  payload: null,
  timestampMs,
  timestampKind: 'created',
  attempts: null,
  brokerFailure: null,
})

const copyHeaders = (message: BrokerMessage): readonly Header[] => buildCopyHeaders(message, message.headers, mark)

test('a copy starts its own trace and says whose copy it is, how often and from when', () => {
  const headers = copyHeaders(messageWith([{ name: 'TraceParent', value: text('00-old') }]))
  expect(headers.filter((header) => header.name.toLowerCase() === 'traceparent')).toHaveLength(1)
  expect(headerText(headers, 'traceparent')).toBe(`00-${mark.traceId}-${mark.spanId}-01`)
  expect(headerText(headers, 'throughline-operation')).toBe('op')
  expect(headerText(headers, 'throughline-item')).toBe('7')
  expect(headerText(headers, 'throughline-redrive-count')).toBe('1')
  expect(headerText(headers, 'throughline-original-timestamp')).toBe('5')
})

test('a copy of a copy counts on and remembers the very first timestamp', () => {
  const again = copyHeaders(messageWith(copyHeaders(messageWith([], 5)), 99))
  expect(headerText(again, 'throughline-redrive-count')).toBe('2')
  expect(headerText(again, 'throughline-original-timestamp')).toBe('5')
  expect(again.filter((header) => header.name === 'throughline-item')).toHaveLength(1)
})

test('business headers survive in order, with duplicates, nulls and any bytes', () => {
  const header = fc.record({
    name: fc.string({ minLength: 1 }).map((name) => `h-${name}`),
    value: fc.option(fc.uint8Array({ maxLength: 40 })),
  })
  fc.assert(
    fc.property(fc.array(header), (headers) => {
      expect(copyHeaders(messageWith(headers)).slice(0, headers.length)).toEqual(headers)
    }),
  )
})

test('a redrive count that is nonsense is none', () => {
  for (const value of ['', 'x', '-1', '1e99', '1.5']) {
    expect(readRedriveCount([{ name: 'throughline-redrive-count', value: text(value) }])).toBe(0)
  }
})

test('the id for brokers that refuse doubles is a UUID, and another one for another trace', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{32}$/), (traceId) => {
      expect(idempotencyIdOf(traceId)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }),
  )
  expect(idempotencyIdOf('1'.repeat(32))).not.toBe(idempotencyIdOf('2'.repeat(32)))
})
