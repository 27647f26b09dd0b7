import { expect, test } from 'vitest'
import { isInShare } from '#domain/sampling/is-in-share.ts'

const names = Array.from({ length: 20_000 }, (_, index) => `order-${index}`)

test.each([0.01, 0.1, 0.5])('a share of %d holds about that many of names that differ in a number only', (share) => {
  const kept = names.filter((name) => isInShare(name, share)).length
  expect(Math.abs(kept / names.length - share)).toBeLessThan(0.012)
})

test('who is in a smaller share is in a greater one', () => {
  expect(names.filter((name) => isInShare(name, 0.1)).every((name) => isInShare(name, 0.2))).toBe(true)
})

test('the whole share holds everything, none holds nothing', () => {
  expect([names.every((name) => isInShare(name, 1)), names.some((name) => isInShare(name, 0))]).toEqual([true, false])
})
