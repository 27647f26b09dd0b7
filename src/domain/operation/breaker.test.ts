import { expect, test } from 'vitest'
import { judgeDeliveries, judgeTries, TRY_WINDOW_MS, type SendTry } from '#domain/operation/breaker.ts'

const NOTHING = { receivedCount: 0, errorCount: 0 }

test('deliveries that fail far more often than before stop an operation, few or old failures do not', () => {
  const judge = (receivedCount: number, errorCount: number, before = NOTHING) =>
    judgeDeliveries('orders', { receivedCount, errorCount }, before)
  expect(judge(19, 19)).toBeNull()
  expect(judge(100, 25)).toBeNull()
  expect(judge(100, 45, { receivedCount: 1_000, errorCount: 300 })).toBeNull()
  expect(judge(100, 45)).toBe(
    'breaker: on orders 45 % of the latest 100 deliveries failed (nothing is known of the time before)',
  )
  expect(judge(100, 61, { receivedCount: 1_000, errorCount: 300 })).toBe(
    'breaker: on orders 61 % of the latest 100 deliveries failed (30 % before the start)',
  )
})

const tries = (count: number, everyMs: number, pushback: (at: number) => string | null): readonly SendTry[] =>
  Array.from({ length: count }, (_, at) => ({ atMs: at * everyMs, pushback: pushback(at), isThrottled: false }))

test('a destination that turns away most calls for long stops an operation, one that was away for a moment does not', () => {
  const away = tries(60, 1_000, () => 'too busy')
  expect(judgeTries(away, 59_000)).toBe('breaker: the destination turned away 60 of the last 60 tries: too busy')
  expect(judgeTries(away.slice(0, 30), 29_000)).toBeNull()
  expect(
    judgeTries(
      tries(60, 1_000, (at) => (at % 2 === 0 ? 'too busy' : null)),
      59_000,
    ),
  ).toBeNull()
  expect(judgeTries(away, 59_000 + TRY_WINDOW_MS)).toBeNull()
  expect(judgeTries([], 0)).toBeNull()
})
