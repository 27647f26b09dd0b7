import { expect, test } from 'vitest'
import { describeApprovalNeed } from '#domain/operation/approval-need.ts'

test.each([
  ['production', 1_000, null],
  ['production', 1_001, '1,001 messages in production; more than 1,000 need a second person'],
  ['prod-eu', 12_000, '12,000 messages in prod-eu; more than 1,000 need a second person'],
  ['preprod', 10_000, null],
  ['development', 10_001, '10,001 messages in development; more than 10,000 need a second person'],
])('in %s, %i messages need: %s', (environment, count, need) => {
  expect(describeApprovalNeed({ environment, count })).toBe(need)
})
