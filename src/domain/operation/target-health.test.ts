import { expect, test } from 'vitest'
import { describeTargetHealth } from '#domain/operation/target-health.ts'

const target = (receivedCount: number, errorCount: number) => ({
  destination: 'orders',
  receivedCount,
  errorCount,
  windowMs: 600_000,
})

test('a consumer that fails on more than a tenth of many deliveries is warned of, with the figures', () => {
  expect(describeTargetHealth(target(1_204, 371))).toBe(
    'On orders 371 of 1,204 deliveries failed in the last 10 minutes: the consumer is not well.',
  )
})

test('few deliveries, and the odd failure among many, are nothing to warn of', () => {
  expect(describeTargetHealth(target(19, 19))).toBeNull()
  expect(describeTargetHealth(target(1_000, 100))).toBeNull()
})
