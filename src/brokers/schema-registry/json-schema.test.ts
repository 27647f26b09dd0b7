import { expect, test } from 'vitest'
import { judgeJson, parseJsonSchema, readJsonBody } from '#brokers/schema-registry/json-schema.ts'

const open = (schema: object, references: { name: string; text: string }[] = []) =>
  parseJsonSchema({ text: JSON.stringify(schema), references })

test('a value is judged by drafts 7 and 2020-12, with what the schema refers to', () => {
  const address = { $id: 'http://shop/address.json', type: 'object', required: ['city'] }
  const seven = open({ title: 'Order', properties: { to: { $ref: 'http://shop/address.json' } } }, [
    { name: 'http://shop/address.json', text: JSON.stringify(address) },
  ])
  expect(seven.name).toBe('Order')
  expect(judgeJson(seven, { to: { city: 'Köln' } })).toBeNull()
  expect(judgeJson(seven, { to: {} })).toEqual({ reason: "/to must have required property 'city'", detail: null })
  const twenty = open({ $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] })
  expect(judgeJson(twenty, [1])).toEqual({ reason: '/* must be string', detail: 'at /0' })
})

test('messages with the same fault in other entries of a list share one reason', () => {
  const schema = open({ properties: { lines: { items: { properties: { sku: { type: 'string' } } } } } })
  const faultAt = (index: number) =>
    judgeJson(schema, { lines: Array.from({ length: 12 }, (_, at) => ({ sku: at === index ? 1 : 'x' })) })
  expect(faultAt(3)?.reason).toBe(faultAt(11)?.reason)
  expect(faultAt(11)?.detail).toBe('at /lines/11/sku')
})

test('what is no JSON and a schema that is none are told, without quoting the payload', () => {
  expect(() => readJsonBody(Buffer.from('{"secret":"x'))).toThrow(/^it is no JSON$/)
  expect(() => readJsonBody(Buffer.of(0xff))).toThrow(/no UTF-8/)
  expect(() => parseJsonSchema({ text: '"x"', references: [] })).toThrow(/neither an object nor a boolean/)
  expect(() => open({ $schema: 'http://json-schema.org/draft-04/schema#' })).toThrow(/draft 4/)
})
