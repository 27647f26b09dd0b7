import { expect, test } from 'vitest'
import { MINUTE_US } from '#telemetry-store/postgres/name-minutes.ts'
import { partByMinutes, type Segment } from '#telemetry-store/postgres/name-segments.ts'

const minute = (count: number): number => count * MINUTE_US
const PAD = 10_000_000
const part = (minutes: readonly number[], from: number, to: number): readonly Segment[] => [
  ...partByMinutes(minutes.map(minute), minute(from), minute(to)),
]

test('a name that never came up leaves only long flows to look at', () => {
  expect(part([], 0, 10)).toEqual([{ fromUs: 0, toUs: minute(10), isLongOnly: true }])
})

test('around a minute flows of all lengths are looked at, from a little before it', () => {
  expect(part([5], 0, 10)).toEqual([
    { fromUs: minute(6), toUs: minute(10), isLongOnly: true },
    { fromUs: minute(5) - PAD, toUs: minute(6), isLongOnly: false },
    { fromUs: 0, toUs: minute(5) - PAD, isLongOnly: true },
  ])
})

test('minutes in a row are one part, and so are those that nearly touch', () => {
  expect(part([9, 8, 7], 0, 10)).toEqual([
    { fromUs: minute(7) - PAD, toUs: minute(10), isLongOnly: false },
    { fromUs: 0, toUs: minute(7) - PAD, isLongOnly: true },
  ])
})

test('minutes outside the window are left out, those at its borders are cut', () => {
  expect(part([12, 10, 0], 0, 10)).toEqual([
    { fromUs: minute(10) - PAD, toUs: minute(10), isLongOnly: false },
    { fromUs: minute(1), toUs: minute(10) - PAD, isLongOnly: true },
    { fromUs: 0, toUs: minute(1), isLongOnly: false },
  ])
})

test('the parts cover the window without gap or overlap, newest first', () => {
  for (const minutes of [[], [3], [9, 7, 6, 2], [20, 9, 0], [11, 10]]) {
    const parts = part(minutes, 1, 10)
    expect(parts[0]?.toUs).toBe(minute(10))
    expect(parts.at(-1)?.fromUs).toBe(minute(1))
    for (const [index, one] of parts.entries()) {
      expect(one.fromUs).toBeLessThan(one.toUs)
      if (index > 0) expect(one.toUs).toBe(parts[index - 1]?.fromUs)
    }
  }
})
