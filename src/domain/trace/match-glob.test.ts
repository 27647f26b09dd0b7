import { expect, test } from 'vitest'
import { matchesGlob } from '#domain/trace/match-glob.ts'

test.each([
  ['orders', 'orders', true],
  ['orders', 'Orders', false],
  ['orders', 'orders.dlq', false],
  ['orders.*', 'orders.dlq', true],
  ['orders.*', 'orders', false],
  ['*.dlq', 'orders.dlq', true],
  ['*', '', true],
  ['*', 'anything', true],
  ['', '', true],
  ['', 'x', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['**', 'x', true],
  ['o.d?', 'ordx', false],
  ['*ab', 'aab', true],
])('%j for %j is %j', (pattern, name, wanted) => {
  expect(matchesGlob(pattern, name)).toBe(wanted)
})

test('a pattern made to be slow takes no more than pattern times name steps', () => {
  expect(matchesGlob(`${'*a'.repeat(8)}b`, 'a'.repeat(20_000))).toBe(false)
})
