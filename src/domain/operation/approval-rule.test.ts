import { expect, test } from 'vitest'
import { DEFAULT_APPROVAL_RULE, isApprovalExpired } from '#domain/operation/approval-rule.ts'

const HOUR_MS = 3_600_000

test.each([
  ['young by both clocks', 23 * HOUR_MS, 23 * HOUR_MS, false],
  ['a day old', 24 * HOUR_MS, 0, true],
  ['a day old, though the clock has jumped back behind it', -5 * HOUR_MS, 24 * HOUR_MS, true],
  ['young, with a clock that has jumped back', -5 * HOUR_MS, HOUR_MS, false],
])('an approval is judged by the clock that has seen more of it: %s', (_, sinceMs, agedMs, isExpired) => {
  expect(isApprovalExpired({ sinceMs, agedMs }, DEFAULT_APPROVAL_RULE)).toBe(isExpired)
})
