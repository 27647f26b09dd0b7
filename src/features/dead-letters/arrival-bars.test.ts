import { expect, test } from 'vitest'
import { lastDayByHour } from '#features/dead-letters/arrival-bars.ts'

const HOUR_MS = 3_600_000
const nowMs = 1_000 * HOUR_MS + 1_234

test('the present hour is the last bar and hours without deaths are zero', () => {
  const bars = lastDayByHour(
    [
      { atMs: 1_000 * HOUR_MS, count: 7 },
      { atMs: 998 * HOUR_MS, count: 2 },
    ],
    nowMs,
  )
  expect(bars).toHaveLength(24)
  expect(bars.slice(-3)).toEqual([2, 0, 7])
  expect(bars.slice(0, -3).every((count) => count === 0)).toBe(true)
})

test('what is older than a day is not drawn', () => {
  expect(lastDayByHour([{ atMs: 900 * HOUR_MS, count: 9 }], nowMs).every((count) => count === 0)).toBe(true)
})
