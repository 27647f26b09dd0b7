import { expect, test } from 'vitest'
import { describeDiscard, draftDiscardPlan } from '#domain/operation/draft-discard-plan.ts'

const facts = {
  selectedCount: 500,
  redrivenBeforeCount: 3,
  orderKeyCount: 20,
  payloadBytes: 1_000,
  cutPayloadCount: 1,
  firstExpiryAtMs: null,
  change: { handledCount: 0, arrivedCount: 0 },
}
const terms = {
  plannedAtMs: 1_000,
  ratePerSecond: 100,
  source: 'orders.DLT',
  canRemove: false,
  keepMs: 30 * 86_400_000,
}

test('a discard takes everything that was selected and sends nothing', () => {
  const plan = draftDiscardPlan(facts, terms)
  expect(plan).toMatchObject({
    selectedCount: 500,
    sendCount: 500,
    skippedCount: 0,
    targets: [],
    durationAtCapMs: 5_000,
  })
  expect(plan.warnings).toEqual([])
})

test('a log is said to keep the message, a queue to let go of it, and both for how long it can be restored', () => {
  expect(describeDiscard(terms)).toMatch(/30 days.*A log has no delete: in orders\.DLT/)
  expect(describeDiscard({ ...terms, canRemove: true })).toMatch(/30 days.*removed from orders\.DLT/)
})

test('what its source loses before it can be kept is warned of', () => {
  expect(draftDiscardPlan({ ...facts, firstExpiryAtMs: 3_000 }, terms).warnings[0]).toContain('fail as gaps')
  expect(draftDiscardPlan({ ...facts, firstExpiryAtMs: 60_000 }, terms).warnings).toEqual([])
})
