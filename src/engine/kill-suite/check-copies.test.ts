import { expect, test } from 'vitest'
import { checkCopies, type FoundCopy } from '#engine/kill-suite/check-copies.ts'

const expected = ['a', 'b', 'c'].map((id, order) => ({ id, key: 'k', order, digest: `d-${id}` }))
const copy = (id: string, changes: Partial<FoundCopy> = {}): FoundCopy => ({
  id,
  key: 'k',
  digest: `d-${id}`,
  operationId: 'op',
  item: id,
  ...changes,
})
const CLEAN = { lost: [], altered: [], markedDuplicates: 0, unmarkedDuplicates: 0, inversions: 0, strangers: [] }

test('what arrived once, whole and in order is clean', () => {
  expect(checkCopies(expected, [copy('a'), copy('b'), copy('c')])).toEqual(CLEAN)
})

test('a repeated window is marked duplicates, not an inversion', () => {
  const found = [copy('a'), copy('b'), copy('a'), copy('b'), copy('c')]
  expect(checkCopies(expected, found)).toEqual({ ...CLEAN, markedDuplicates: 2 })
})

test('every kind of damage is seen', () => {
  expect(checkCopies(expected, [copy('a'), copy('b')]).lost).toEqual(['c'])
  expect(checkCopies(expected, [copy('a'), copy('c'), copy('b')]).inversions).toBe(1)
  expect(checkCopies(expected, [copy('a'), copy('a', { item: 'z' })]).unmarkedDuplicates).toBe(1)
  expect(checkCopies(expected, [copy('a', { item: null }), copy('a', { item: null })]).unmarkedDuplicates).toBe(1)
  expect(checkCopies(expected, [copy('a', { digest: 'x' })]).altered).toEqual(['a'])
  expect(checkCopies(expected, [copy('x')]).strangers).toEqual(['x'])
})
