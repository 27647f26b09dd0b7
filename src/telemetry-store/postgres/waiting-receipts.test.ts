import { expect, test } from 'vitest'
import { RollupParties } from '#telemetry-store/postgres/rollup-party.ts'
import { type WaitingReceipt, WaitingReceipts } from '#telemetry-store/postgres/waiting-receipts.ts'

const party = new RollupParties().of({ service: 'mailer', destination: 'orders', consumerGroup: 'mail' })
const receiptAt = (atUs: number): WaitingReceipt => ({
  party,
  atUs,
  durationUs: 20,
  isError: false,
  isProcess: true,
  isAlone: true,
  traceId: 'ab'.repeat(16),
  flowKey: null,
})

test('what waits for a sender is given once, as it was put in', () => {
  const waiting = new WaitingReceipts()
  const whole: WaitingReceipt = { ...receiptAt(1), isError: true, isProcess: false, isAlone: false }
  waiting.add(1, 2, whole)
  waiting.add(1, 2, { ...receiptAt(2), flowKey: 'order-1', traceId: '' })
  waiting.add(2, 1, receiptAt(3))
  expect(waiting.take(1, 2)).toEqual([{ ...receiptAt(2), flowKey: 'order-1', traceId: '' }, whole])
  expect(waiting.take(1, 2)).toEqual([])
  expect(waiting.take(2, 1)).toEqual([receiptAt(3)])
})

test('at most sixteen wait for one sender, so that one that stands for everything costs nothing', () => {
  const waiting = new WaitingReceipts()
  for (let atUs = 0; atUs < 1_000; atUs += 1) waiting.add(5, 5, receiptAt(atUs))
  expect(waiting.take(5, 5)).toHaveLength(16)
})

test('when nobody ever sends, the newest go on waiting and the oldest are forgotten', () => {
  const waiting = new WaitingReceipts()
  const count = 200_000
  for (let id = 1; id <= count; id += 1) waiting.add(id, 0, receiptAt(id))
  expect(waiting.take(1, 0)).toEqual([])
  let found = 0
  for (let id = count - 131_000; id <= count; id += 1) if (waiting.take(id, 0)[0]?.atUs === id) found += 1
  expect(found).toBe(131_001)
})

test('places that were given up are used again without loss of the others', () => {
  const waiting = new WaitingReceipts()
  let wrong = 0
  for (let id = 1; id <= 140_000; id += 1) {
    waiting.add(id, 7, receiptAt(id))
    if (id > 900 && waiting.take(id - 900, 7)[0]?.atUs !== id - 900) wrong += 1
  }
  expect(wrong).toBe(0)
})
