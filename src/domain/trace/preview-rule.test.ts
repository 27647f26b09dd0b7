import { expect, test } from 'vitest'
import { previewRule, type SampledMessage } from '#domain/trace/preview-rule.ts'

const DRAFT = { system: null, destination: 'orders*', names: ['x-order-ref'] }

const message = (
  number: number,
  attributes: Readonly<Record<string, unknown>>,
  over: Partial<SampledMessage> = {},
) => ({
  traceId: String(number).padStart(32, '0'),
  spanId: '1'.repeat(16),
  service: 'shop',
  spanName: 'send orders',
  atUs: number,
  system: 'kafka',
  operation: 'send' as const,
  destination: 'orders',
  scope: null,
  storedId: null,
  attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders', ...attributes },
  ...over,
})

test('says of each message who would decide, and what it was refused for', () => {
  const preview = previewRule(
    DRAFT,
    [{ system: 'kafka', destination: 'orders.eu', names: ['eu'] }],
    [
      message(1, { 'messaging.header.x-order-ref': ['order-1'] }, { storedId: 'req-1' }),
      message(2, { 'x-order-ref': 'null', 'correlation.id': 'req-2' }, { storedId: 'req-2' }),
      message(3, { eu: 'eu-3' }, { destination: 'orders.eu' }),
      message(4, {}),
    ],
  )
  expect(preview.messages.map(({ id, decidedBy, name }) => [id, decidedBy, name])).toEqual([
    ['order-1', 'draft', 'x-order-ref'],
    ['req-2', 'conventions', null],
    ['eu-3', 'other-rule', null],
    [null, 'nobody', null],
  ])
  expect(preview.messages[1]?.refused).toEqual([{ name: 'x-order-ref', value: 'null' }])
  expect(preview.counts).toEqual({ draft: 1, conventions: 1, 'other-rule': 1, nobody: 1 })
  expect(preview.changedCount).toBe(2)
})

test('a draft without names takes the ids away', () => {
  const { messages } = previewRule({ ...DRAFT, names: [] }, [], [message(1, { 'correlation.id': 'hub-1' })])
  expect(messages).toMatchObject([{ id: null, decidedBy: 'draft' }])
})

test('an id that would weld traces together is named, and the names that differ are offered first', () => {
  const samples = Array.from({ length: 5 }, (_, number) =>
    message(number, { 'x-order-ref': 'batch-1', 'app.order': `order-${number}`, 'messaging.client.id': `c-${number}` }),
  )
  const preview = previewRule(DRAFT, [], samples)
  expect(preview.widest).toEqual({ id: 'batch-1', traceCount: 5 })
  expect(preview.distinctIdCount).toBe(1)
  expect(preview.names.map(({ name, distinctCount }) => [name, distinctCount])).toEqual([
    ['app.order', 5],
    ['x-order-ref', 1],
  ])
})

test('nothing seen gives an empty preview', () => {
  expect(previewRule(DRAFT, [], [])).toMatchObject({ messages: [], widest: null, changedCount: 0, names: [] })
})
