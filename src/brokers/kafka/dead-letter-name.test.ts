import { expect, test } from 'vitest'
import { isRetryName, matchDeadLetterName } from '#brokers/kafka/dead-letter-name.ts'

test.each([
  ['orders-dlt', 'orders'],
  ['orders.DLT', 'orders'],
  ['orders-retry-dlt', 'orders'],
  ['orders-dlt-1', 'orders'],
  ['orders.DLQ', 'orders'],
  ['orders_dlq', 'orders'],
  ['orders-dead-letter', 'orders'],
  ['orders.deadletters', 'orders'],
  ['orders-dead-letter-queue', 'orders'],
  ['orders_error', 'orders'],
  ['dlq.orders', 'orders'],
  ['dlq-orders', 'orders'],
  ['dead-letter-orders', 'orders'],
  ['dlq', null],
])('%s holds the dead letters of %s', (topic, origin) => {
  expect(matchDeadLetterName(topic)).toMatchObject({ origin })
})

test.each([
  'orders',
  'orders-retry-0',
  'orders-retry',
  'fieldlt',
  'deadline',
  'idlqueue',
  'errors',
  'orders-dlt-retry-1',
])('%s is no dead-letter place by its name', (topic) => {
  expect(matchDeadLetterName(topic)).toBeNull()
})

test('retry topics are known by their name', () => {
  expect(['orders-retry-0', 'orders-retry', 'orders-retry-3000', 'retryable'].map(isRetryName)).toEqual([
    true,
    true,
    true,
    false,
  ])
})
