import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import { MS, story } from '#domain/flow/flow-story.ts'

test('the steps cover the flow from its first to its last moment, through queues, back-off and parking', () => {
  const { criticalSteps, summary, rows } = assembleFlow(story())
  expect(criticalSteps.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'processing checkout',
    'queue orders',
    'processing payments-svc',
    'back-off orders',
    'processing payments-svc',
    'parked orders.dlq',
    'idle redrive op-412',
    'queue orders',
    'processing payments-svc',
    'queue payments.settled',
    'processing ledger',
  ])
  let atUs = summary.startedUs
  for (const step of criticalSteps) {
    expect(step.startUs).toBe(atUs)
    expect(step.durationUs).toBeGreaterThanOrEqual(0)
    atUs += step.durationUs
  }
  expect(atUs).toBe(summary.endedUs)
  const parked = criticalSteps.find(({ kind }) => kind === 'parked')
  expect(parked?.durationUs).toBe((951_000 - 40_100) * MS)

  const known = new Set(rows.map(({ id }) => id))
  expect(criticalSteps.flatMap(({ rowIds }) => rowIds).filter((id) => !known.has(id))).toEqual([])
  expect(rows.filter(({ isCritical }) => !isCritical).map(({ label }) => label)).toEqual(['INSERT entry'])
})
