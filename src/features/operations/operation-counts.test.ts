import { expect, test } from 'vitest'
import { countsOf, remainingMs } from '#features/operations/operation-counts.ts'

const progress = {
  itemStates: { pending: 300, claimed: 13, confirmed: 33, removed: 690, failed: 2, skipped: 5, quarantined: 1 },
  outcomes: { unknown: 0, processed: 678, 'failed-again': 12, 'not-seen': 4 },
  ratePerSecond: 50,
}

test('what was selected is what is accounted for, to the last message', () => {
  const counts = countsOf(progress)
  expect(counts.selected).toBe(1044)
  expect(counts.confirmed + counts.skipped + counts.failed + counts.quarantined + counts.remaining).toBe(
    counts.selected,
  )
  expect(counts.processed + counts.failedAgain + counts.notSeen + counts.awaited).toBe(counts.confirmed)
})

test('time to go follows the rate, and is unknown when nothing moves', () => {
  const counts = countsOf(progress)
  expect(remainingMs(counts, 50)).toBe((313 / 50) * 1000)
  expect(remainingMs(counts, null)).toBeNull()
  expect(remainingMs({ ...counts, remaining: 0 }, 50)).toBeNull()
})
