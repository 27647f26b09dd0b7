import { expect, test } from 'vitest'
import { AttributeList, VALUE_SEPARATOR } from '#otlp/attribute-list.ts'
import { keyPool } from '#otlp/known-key.ts'

const keyOf = (text: string) => keyPool.take(Buffer.from(text), 0, Buffer.byteLength(text))

function listOf(attributes: Readonly<Record<string, string | number | bigint>>): AttributeList {
  const list = new AttributeList()
  for (const [key, value] of Object.entries(attributes)) {
    const bytes = Buffer.from(String(value))
    if (typeof value === 'string') list.addBytes(keyOf(key), bytes, 0, bytes.length)
    else list.addInteger(keyOf(key), value)
  }
  return list
}

test.each([
  ['texts and numbers', { a: 'x', b: 7, c: -12_345 }],
  ['empty texts', { a: '', b: '', c: 'z' }],
  ['a text that holds the separator', { a: `x${VALUE_SEPARATOR}y`, b: 'z' }],
  ['texts that look like JSON', { a: '{"x":1}', b: '7', c: 'null', d: '"' }],
  ['lines, tabs and controls', { a: 'one\n\ttwo\r\n', b: '\u0001\u001b' }],
  ['more than ASCII', { ключ: 'значение', '🦊': '🦊' }],
])('%s come back as they were', (_what, attributes) => {
  expect(JSON.parse(listOf(attributes).toJson())).toEqual(attributes)
})

test('a whole number that a double cannot hold comes back as text', () => {
  expect(JSON.parse(listOf({ a: 9_007_199_254_740_993n }).toJson())).toEqual({ a: '9007199254740993' })
})

test('what Postgres refuses is replaced', () => {
  const list = listOf({ a: 'x\0y' })
  list.addBytes(keyOf('b'), Buffer.from([0x61, 0xff]), 0, 2)
  expect(JSON.parse(list.toJson())).toEqual({ a: 'x\ufffdy', b: 'a\ufffd' })
})

test('spans with the same keys share a key set, whatever their values', () => {
  const sets = [listOf({ a: 'x', b: 1 }), listOf({ a: 'y', b: 2 }), listOf({ b: 1, a: 'x' }), listOf({ a: 1, b: 1 })]
  const ids = sets.map(({ keySet }) => keySet.id.toString('hex'))
  expect([ids[1] === ids[0], new Set(ids).size]).toEqual([true, 3])
})

test('keys without end do not fill the memory, and the same keys keep their id', () => {
  const before = listOf({ a: 'x' })
  const id = before.keySet.id
  const many = new AttributeList()
  for (let index = 0; index < 21_000; index += 1) {
    many.reset()
    many.addText(keyOf(`key-${index}`), 'x')
  }
  const after = listOf({ a: 'x' })
  expect([after.keySet === before.keySet, after.keySet.id.equals(id)]).toEqual([false, true])
})
