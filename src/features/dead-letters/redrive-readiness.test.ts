import { expect, test } from 'vitest'
import { readinessOf, type FailureGroup } from '#features/dead-letters/redrive-readiness.ts'

const nowMs = 1_000_000_000
const group: FailureGroup = {
  fingerprint: '95cd07f35567dedf',
  title: 'CurrencyMismatch at settle (payments/settle.ts)',
  count: 12,
  firstAtMs: nowMs - 900_000,
  lastAtMs: nowMs - 600_000,
  soonestExpiryAtMs: null,
  places: [{ clusterId: 'kafka', destination: 'orders.DLT', count: 12 }],
  origins: ['orders'],
  consumerGroups: ['payments'],
  arrivals: [],
  latestOperation: null,
}
const operation = { id: 'x', number: 4, createdAtMs: nowMs - 1_000 }

test('as long as new ones die of it, sending again is spoken against', () => {
  expect(readinessOf({ ...group, lastAtMs: nowMs - 5_000 }, nowMs).tone).toBe('bad')
})

test('a group that has been quiet is spoken for', () => {
  expect(readinessOf(group, nowMs).tone).toBe('ok')
})

test('without an origin a target has to be chosen', () => {
  expect(readinessOf({ ...group, origins: [] }, nowMs).tone).toBe('warn')
})

test('an operation at work is said, one that is over or only planned is not', () => {
  expect(readinessOf({ ...group, latestOperation: { ...operation, state: 'running' } }, nowMs).word).toBe(
    'op-4 at work',
  )
  expect(readinessOf({ ...group, latestOperation: { ...operation, state: 'completed' } }, nowMs).tone).toBe('ok')
  expect(readinessOf({ ...group, latestOperation: { ...operation, state: 'planned' } }, nowMs).tone).toBe('ok')
})
