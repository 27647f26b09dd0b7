import { expect, test } from 'vitest'
import { niceCeiling, niceDurationCeiling } from '#ui/charts/nice-ceiling.ts'

test('the axis ends at a round figure that holds the data and parts into four', () => {
  expect([3.7, 4, 41, 3792, 0.3, 100].map(niceCeiling)).toEqual([4, 4, 80, 4000, 0.4, 100])
  expect(niceCeiling(0)).toBe(4)
})

test('an axis of time parts into whole minutes and hours, not into thousands of seconds', () => {
  expect(niceDurationCeiling(3_700)).toBe(4_000)
  expect(niceDurationCeiling(1_290_000)).toBe(40 * 60_000)
  expect(niceDurationCeiling(30 * 3_600_000)).toBe(48 * 3_600_000)
  expect(niceDurationCeiling(9 * 86_400_000)).toBe(12 * 86_400_000)
})
