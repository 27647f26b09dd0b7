import { expect, test } from 'vitest'
import type { GroupedItem } from '#db/store/operation-outcome-store.ts'
import type { DestinationReader } from '#domain/flow/destination-reader.ts'
import { summariseDeliveries } from '#engine/outcomes/summarise-deliveries.ts'
import type { Delivery } from '#telemetry-store/telemetry-store.ts'

const COPY = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const item = (consumerGroup: string | null): GroupedItem => ({
  ...COPY,
  ordinal: 1,
  outcome: 'unknown',
  targetDestination: 'orders',
  targetPosition: null,
  consumerGroup,
  sinceConfirmMs: 0,
})
const delivery = (service: string, more: Partial<Delivery> = {}): Delivery => ({
  sender: COPY,
  receiver: COPY,
  service,
  destination: 'orders',
  consumerGroup: null,
  receivedUs: 0,
  endedUs: 0,
  isError: false,
  ...more,
})
const reader = (group: string, clientId: string | null = null): DestinationReader => ({
  clusterId: 'k',
  clusterKind: 'kafka',
  group,
  destination: 'orders',
  sentTo: ['orders'],
  isQueue: false,
  isExempt: false,
  state: null,
  asOfMs: null,
  lanes: [],
  members: clientId === null ? null : [{ clientId, host: null }],
})
const READERS = [reader('payments'), reader('inventory-group', 'inventory')]
const summary = (group: string | null, deliveries: readonly Delivery[], readers = READERS) =>
  summariseDeliveries([item(group)], deliveries, readers).get(1)

test('another group that processes the copy proves nothing of the one that failed', () => {
  expect(summary('payments', [delivery('inventory')])).toBeUndefined()
  expect(summary('payments', [delivery('inventory', { consumerGroup: 'inventory-group' })])).toBeUndefined()
})

test('a span without a group counts when the broker tells that its service reads for that group', () => {
  expect(summary('payments', [delivery('inventory'), delivery('payments')])).toMatchObject({
    goodDeliveries: 1,
    badDeliveries: 0,
    deliveredTo: 'payments',
  })
  expect(summary('inventory-group', [delivery('inventory', { isError: true })])).toMatchObject({ badDeliveries: 1 })
})

test('a service that fits no group is not taken for the one that failed', () => {
  expect(summary('payments', [delivery('somebody')])).toBeUndefined()
  expect(summary('payments', [delivery('payments')], [])).toBeUndefined()
})

test('where the dead letter names no group every delivery counts, and one that only failed outweighs the others', () => {
  expect(summary(null, [delivery('a'), delivery('b', { isError: true })])).toMatchObject({ badDeliveries: 1 })
})

test('a try that failed and then ended well is a success', () => {
  const tries = [delivery('payments', { isError: true }), delivery('payments')]
  expect(summary('payments', tries)).toMatchObject({ goodDeliveries: 1, badDeliveries: 0 })
})
