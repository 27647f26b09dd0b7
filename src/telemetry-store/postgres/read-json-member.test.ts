import { expect, test } from 'vitest'
import { readJsonMember } from '#telemetry-store/postgres/read-json-member.ts'

const read = (json: string, key: string) => readJsonMember(Buffer.from(json), Buffer.from(`${JSON.stringify(key)}:`))

test.each([
  ['a string without its quotes', '{"x":1,"a":"sh\\u00f6p \\"1\\""}', 'a', 'shöp "1"'],
  ['a number as it is written, however long', '{"a":12345678901234567890,"b":2}', 'a', '12345678901234567890'],
  ['a list whole', '{"a":["x,}",{"b":[1]}],"c":true}', 'a', '["x,}",{"b":[1]}]'],
  ['the last member', '{"z":{"a":1},"a":false}', 'a', 'false'],
  ['null as absent', '{"a":null}', 'a', null],
  ['nothing inside a nested object', '{"z":{"a":1},"y":[{"a":2}]}', 'a', null],
  ['nothing inside a text', '{"z":"\\"a\\":1"}', 'a', null],
  ['nothing where the key only begins alike', '{"ab":1}', 'a', null],
  ['nothing in an empty text', '', 'a', null],
])('reads %s', (_, json, key, value) => expect(read(json, key)).toBe(value))
