import { expect, test } from 'vitest'
import { parseDuration, typeDuration } from '#features/consumers/parse-duration.ts'

test.each([
  ['90', 90_000],
  ['90 s', 90_000],
  ['5m', 300_000],
  ['1 h 30 m', 5_400_000],
  ['2D', 172_800_000],
  ['', null],
  ['soon', null],
  ['5 m or so', null],
  ['-5m', null],
  ['1.5h', null],
])('%j is %j', (text, wanted) => {
  expect(parseDuration(text)).toBe(wanted)
})

test('what is typed out is read back', () => {
  for (const ms of [5_000, 90_000, 3_600_000, 5_430_000, 172_800_000]) expect(parseDuration(typeDuration(ms))).toBe(ms)
})
