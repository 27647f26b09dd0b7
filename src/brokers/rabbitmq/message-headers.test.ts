import { expect, test } from 'vitest'
import { argumentTable, longString } from '#brokers/rabbitmq/amqp/wire.ts'
import { fieldLike, readTable, stringField } from '#brokers/rabbitmq/amqp/field-table.ts'
import { readProperties, writeProperties } from '#brokers/rabbitmq/basic-properties.ts'
import { fromHeaders, FORM_HEADER, toHeaders } from '#brokers/rabbitmq/message-headers.ts'

const wireOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const TABLE = [
  { name: 'same', wire: stringField(Buffer.from('first')) },
  { name: 'same', wire: stringField(Buffer.from([0xff, 0xfe])) },
  { name: 'retries', wire: wireOf('49 00000003') },
  { name: 'retries', wire: wireOf('6c 0000000000000003') },
  { name: 'ratio', wire: wireOf('64 3ff0000000000000') },
  { name: 'big', wire: wireOf('6c 7fffffffffffffff') },
  { name: 'void', wire: wireOf('56') },
  { name: 'flag', wire: wireOf('74 01') },
  { name: '', wire: wireOf('41 00000005 49 00000001') },
]
const BYTES = writeProperties({
  values: new Map([
    ['content-type', 'text/plain'],
    ['delivery-mode', '1'],
    ['message-id', 'm-1'],
    ['timestamp', '1500000000'],
  ]),
  table: TABLE,
})

test('properties and typed headers come back byte for byte after they were headers', () => {
  const headers = toHeaders(readProperties(BYTES), 'orders.eu')
  const back = fromHeaders(headers)
  expect(writeProperties(back).toString('hex')).toBe(BYTES.toString('hex'))
  expect(back.routingKey).toBe('orders.eu')
})

test('a person reads numbers, flags and lists as text', () => {
  const shown = toHeaders(readProperties(BYTES), null).map(({ name, value }) => [name, value?.toString() ?? null])
  expect(shown).toContainEqual(['retries', '3'])
  expect(shown).toContainEqual(['big', '9223372036854775807'])
  expect(shown).toContainEqual(['flag', 'true'])
  expect(shown).toContainEqual(['', '[1]'])
  expect(shown).toContainEqual(['void', null])
  expect(shown).toContainEqual(['message-id', 'm-1'])
})

test('a header of five thousand levels is shown to a bound, and comes back byte for byte', () => {
  let nested = Buffer.from([0x74, 1])
  for (let level = 0; level < 5_000; level += 1) nested = Buffer.concat([Buffer.from('A'), longString(nested)])
  const bytes = writeProperties({ values: new Map(), table: [{ name: 'deep', wire: nested }] })
  const headers = toHeaders(readProperties(bytes), null)
  expect(headers[0]?.value?.toString()).toMatch(/^\[{32}"[\w+/]+=*"\]{32}$/)
  expect(writeProperties(fromHeaders(headers)).equals(bytes)).toBe(true)
})

test('an edited number stays a number, and what is no number any more becomes text', () => {
  const edited = (text: string) =>
    toHeaders(readProperties(BYTES), null).map((one) =>
      one.name === 'ratio' ? { ...one, value: Buffer.from(text) } : one,
    )
  const wireAfter = (text: string) => fromHeaders(edited(text)).table?.find(({ name }) => name === 'ratio')?.wire
  expect(wireAfter('2.5')).toEqual(wireOf('64 4004000000000000'))
  expect(wireAfter('many')).toEqual(stringField(Buffer.from('many')))
  expect(fieldLike('t', 'false')).toEqual(wireOf('74 00'))
})

test('headers without a form, or with a broken one, are strings of the message', () => {
  const value = Buffer.from('{')
  const { values, table } = fromHeaders([
    { name: FORM_HEADER, value },
    { name: 'content-type', value: Buffer.from('x') },
  ])
  expect(values.size).toBe(0)
  expect(table).toEqual([{ name: 'content-type', wire: stringField(Buffer.from('x')) }])
})

test('more queues that a message was for, and what a queue counts, are not sent again', () => {
  const table = [
    { name: 'CC', wire: wireOf('41 00000000') },
    { name: 'x-delivery-count', wire: wireOf('6c 0000000000000002') },
  ]
  const headers = toHeaders({ values: new Map(), table }, null)
  expect(headers.map(({ name }) => name)).toEqual(['CC', FORM_HEADER])
  expect(fromHeaders(headers).table).toBeNull()
})

test('bytes that are no table are refused, whatever they claim', () => {
  expect(() => readTable(Buffer.from([5, 0x61]))).toThrow(RangeError)
  expect(() => readTable(wireOf('01 61 53 ffffffff'))).toThrow(RangeError)
  expect(() => readTable(wireOf('01 61 3f'))).toThrow(RangeError)
  expect(readTable(argumentTable({ a: 1, b: { c: true } }).subarray(4))).toHaveLength(2)
})
