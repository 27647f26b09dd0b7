import { expect, test } from 'vitest'
import { fromHeaders, toHeaders } from '#brokers/sqs/message-form.ts'
import { prepareEntry, toBrokerMessage } from '#brokers/sqs/sqs-message.ts'
import type { Header } from '#domain/message.ts'

const text = (value: string): Uint8Array => Buffer.from(value)
const header = (name: string, value: string): Header => ({ name, value: text(value) })
const many = (count: number): Header[] => Array.from({ length: count }, (_, at) => header(`h${at}`, 'x'))
const outgoing = {
  destination: 'orders',
  lane: null,
  key: null,
  headers: [],
  payload: text('{}'),
  timestampMs: null,
  idempotencyId: '00000000-0000-4000-8000-000000000000',
}

test('types of attributes survive a copy, and an edited number stays a number', () => {
  const attributes = {
    bin: { DataType: 'Binary.png', BinaryValue: text('png') },
    price: { DataType: 'Number', StringValue: '1.50' },
    name: { DataType: 'String', StringValue: 'ü' },
  }
  const headers = toHeaders({ MessageAttributes: attributes }, null, [])
  expect(fromHeaders(headers, null).attributes).toEqual(attributes)
  const edited = headers.map((one) => (one.name === 'price' ? header('price', '2') : one))
  expect(fromHeaders(edited, null).attributes['price']).toEqual({ DataType: 'Number', StringValue: '2' })
})

test('marks share one attribute where each in its own would be too many, and are read back one by one', () => {
  const marks = [header('throughline-operation', 'o-1'), header('throughline-item', '7')]
  const { attributes } = fromHeaders([...many(9), ...marks], null)
  expect(Object.keys(attributes)).toHaveLength(10)
  const read = toHeaders({ MessageAttributes: { ...attributes } }, null, [])
  expect(read).toEqual(expect.arrayContaining(marks))
  expect(() => fromHeaders([...many(10), ...marks], null)).toThrow('10 attributes')
})

test.each([
  ['a name that SQS refuses', [header('a name', 'x')]],
  ['a name of AWS', [header('AWS.x', 'x')]],
  ['a name that the SDK loses', [header('__proto__', 'x')]],
  ['an empty value', [header('a', '')]],
  ['two of one name', [header('a', '1'), header('a', '2')]],
])('%s is invalid, and not changed in silence', (_, headers) => {
  expect(() => fromHeaders(headers, null)).toThrow(expect.objectContaining({ code: 'invalid', retryable: false }))
})

test.each([
  ['no body', { payload: null }, 'unsupported'],
  ['an empty body', { payload: text('') }, 'unsupported'],
  ['a body that is no text', { payload: Uint8Array.from([255, 0]) }, 'invalid'],
  ['a control character', { payload: text('\u0001') }, 'invalid'],
])('%s is refused', (_, odd, code) => {
  expect(() => prepareEntry({ ...outgoing, ...odd }, false, 'x-message-key')).toThrow(expect.objectContaining({ code }))
})

test('a copy for a FIFO queue keeps its group and gets a deduplication id of its own', () => {
  const original = { Body: '{}', Attributes: { MessageGroupId: 'customer-1', MessageDeduplicationId: 'first' } }
  const { key, headers } = toBrokerMessage('orders.fifo', original, 'x-message-key')
  expect(prepareEntry({ ...outgoing, key, headers }, true, 'x-message-key')).toEqual({
    MessageBody: '{}',
    MessageGroupId: 'customer-1',
    MessageDeduplicationId: outgoing.idempotencyId,
  })
  expect(() => prepareEntry({ ...outgoing, key: text('ü') }, true, 'x-message-key')).toThrow('message group')
})

test('the group of a standard queue goes back as the group, and a key of elsewhere as an attribute', () => {
  const fair = toBrokerMessage('orders', { Body: '{}', Attributes: { MessageGroupId: 'tenant' } }, 'x-message-key')
  expect(prepareEntry({ ...outgoing, ...fair, timestampMs: null }, false, 'x-message-key')).toEqual({
    MessageBody: '{}',
    MessageGroupId: 'tenant',
  })
  const keyed = prepareEntry({ ...outgoing, key: text('k') }, false, 'x-message-key')
  expect(keyed.MessageAttributes).toEqual({ 'x-message-key': { DataType: 'String', StringValue: 'k' } })
})
