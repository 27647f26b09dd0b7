import { expect, test } from 'vitest'
import { estimateSizeExpiry, type LaneGrowth } from '#domain/dead-letter/estimate-size-expiry.ts'

const NOW_MS = 10_000_000_000
const HOUR_MS = 3_600_000
/** 100 messages of 1 kB in the last hour, up to sequence 999. */
const growth: LaneGrowth = { newestSequence: 999, laneBytes: 100_000, laneCount: 100, sinceMs: NOW_MS - HOUR_MS }
const inHours = (retentionBytes: number, sequence: number, of = growth) => {
  const { inMs } = estimateSizeExpiry(retentionBytes, sequence, of, NOW_MS)
  return inMs === null ? null : inMs / HOUR_MS
}

test('the newest message goes when the lane has filled up once more', () => {
  expect(inHours(1_000_000, 999)).toBe(10)
})

test('a message goes the sooner the more lies behind it already, and at any moment once enough does', () => {
  expect(inHours(1_000_000, 499)).toBe(5)
  expect(inHours(1_000_000, 0)).toBeCloseTo(0.01)
  expect(inHours(100_000, 0)).toBe(0)
})

test('a lane that hardly grows has no end in sight, nor has one of which nothing is known', () => {
  expect(inHours(1_000_000_000_000_000, 999)).toBeNull()
  expect(inHours(1_000_000, 999, { ...growth, laneBytes: 0, laneCount: 0 })).toBeNull()
})

test('what came within the last seconds is not taken for a rate, and the ground of the estimate is told', () => {
  const burst = { ...growth, sinceMs: NOW_MS - 1_000 }
  expect(estimateSizeExpiry(1_000_000, 999, burst, NOW_MS)).toEqual({
    inMs: 600_000,
    retentionBytes: 1_000_000,
    byCount: 100,
    byMs: 60_000,
  })
})
