import { expect, test } from 'vitest'
import { findRetryDestination, isReaderOfGroup, type RetryKnowledge } from '#domain/operation/find-retry-destination.ts'

const place = (name: string, ...readers: string[]) => ({ name, isInternal: false, readers })
const kafka = (...places: RetryKnowledge['places'][number][]): RetryKnowledge => ({
  hasQueuePerGroup: false,
  configured: [],
  places,
})
const failed = { origin: 'orders', group: 'payments' }

test.each([
  ['its own topic by name', kafka(place('orders-payments-retry')), 'orders-payments-retry'],
  [
    'its own topic, read by its retry listener',
    kafka(place('orders-payments-retry-0', 'payments-retry-0')),
    'orders-payments-retry-0',
  ],
  ['a topic of the default name that only it reads', kafka(place('orders-retry', 'payments-retry')), 'orders-retry'],
  [
    'its own topic rather than one that groups share',
    kafka(place('orders-retry', 'payments', 'billing'), place('orders-payments-retry', 'payments')),
    'orders-payments-retry',
  ],
])('the retry destination of a group is %s', (_, known, destination) => {
  expect(findRetryDestination(failed, known)).toEqual({ destination })
})

test.each([
  ['nothing has the name', kafka(place('orders')), 'no retry destination of payments for orders is known'],
  [
    'others read it',
    kafka(place('orders-retry', 'payments-retry', 'billing-retry')),
    'orders-retry is also read by billing-retry',
  ],
  ['nobody reads the shared name', kafka(place('orders-retry')), 'nobody reads orders-retry'],
  [
    'it is internal',
    kafka({ ...place('orders-retry', 'payments'), isInternal: true }),
    'no retry destination of payments for orders is known',
  ],
])('there is none when %s, and the reason says so', (_, known, reason) => {
  expect(findRetryDestination(failed, known)).toEqual({ reason })
})

test('what a person has said comes before every name, and is refused when it is gone', () => {
  const configured = [{ originDestination: 'orders', consumerGroup: 'payments', destination: 'pay.again' }]
  const known = { ...kafka(place('orders-payments-retry'), place('pay.again')), configured }
  expect(findRetryDestination(failed, known)).toEqual({ destination: 'pay.again' })
  expect(findRetryDestination(failed, { ...known, places: [] })).toEqual({ reason: 'pay.again does not exist' })
})

test('where every group has a queue of its own, that is it', () => {
  const known = { hasQueuePerGroup: true, configured: [], places: [place('payments')] }
  expect(findRetryDestination(failed, known)).toEqual({ destination: 'payments' })
  expect(findRetryDestination({ ...failed, group: 'gone' }, known)).toEqual({ reason: 'gone has no queue any more' })
})

test('dead letters that do not say which group failed have none', () => {
  expect(findRetryDestination({ origin: 'orders', group: null }, kafka())).toMatchObject({
    reason: expect.stringContaining('which group failed is not known'),
  })
})

test.each([
  ['payments', true],
  ['payments-retry', true],
  ['payments-retry-1000', true],
  ['payments.retry', true],
  ['payments-audit', false],
  ['payments2-retry', false],
])('%s reads for payments: %s', (reader, isOwn) => {
  expect(isReaderOfGroup(reader, 'payments')).toBe(isOwn)
})
