import { expect, test } from 'vitest'
import { niceCeiling } from '#ui/charts/nice-ceiling.ts'

test('the axis ends at a round figure that holds the data and parts into four', () => {
  expect([3.7, 4, 41, 3792, 0.3, 100].map(niceCeiling)).toEqual([4, 4, 80, 4000, 0.4, 100])
  expect(niceCeiling(0)).toBe(4)
})
