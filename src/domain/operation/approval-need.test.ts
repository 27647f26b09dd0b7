import { expect, test } from 'vitest'
import { describeApprovalNeed } from '#domain/operation/approval-need.ts'
import { DEFAULT_APPROVAL_RULE } from '#domain/operation/approval-rule.ts'

test.each([
  ['production', 1_000, null],
  ['production', 1_001, '1,001 messages in production; more than 1,000 need a second person'],
  ['prod-eu', 12_000, '12,000 messages in prod-eu; more than 1,000 need a second person'],
  ['preprod', 10_000, null],
  ['development', 10_001, '10,001 messages in development; more than 10,000 need a second person'],
])('in %s, %i messages need: %s', (environment, count, need) => {
  expect(describeApprovalNeed({ environment, count })).toBe(need)
})

test('where none goes without a second person, that is said', () => {
  const rule = { ...DEFAULT_APPROVAL_RULE, otherCount: 0 }
  const need = describeApprovalNeed({ environment: 'development', count: 37 }, rule)
  expect(need).toBe('37 messages in development; all of them need a second person')
})
