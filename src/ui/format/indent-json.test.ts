import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indentJson } from '#ui/format/indent-json.ts'

test('whatever JSON there is, the lines are those of the standard printer', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text)
      expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
    }),
  )
})

test('no digit of a large number and no escape changes', () => {
  expect(indentJson(String.raw`{"id":12345678901234567890,"e":1e5,"text":"a\u00e9 \"{[,:\" b"}`)).toBe(
    ['{', '  "id": 12345678901234567890,', '  "e": 1e5,', String.raw`  "text": "a\u00e9 \"{[,:\" b"`, '}'].join('\n'),
  )
})
