import { expect, test } from 'vitest'
import { describeLagEffect } from '#domain/operation/describe-lag-effect.ts'

const added = { count: 12_000, ratePerSecond: 100 }

test.each([
  [null, null, 'its lag is not known; 12,000 come on top'],
  [5, null, 'grows by up to 12,000; how fast it drains is not known'],
  [5_000, 150, 'keeps shrinking: it drains faster than the copies come'],
  [5_000, 25, 'grows by up to 9,000 if it works no faster than now'],
  [0, 0, 'grows by up to 12,000 if it works no faster than now'],
  [0, -3, 'grows by up to 12,000 if it works no faster than now'],
  [5_000, -3, 'is growing already; up to 12,000 come on top'],
])('a lag of %s that drains at %s/s: %s', (lagMessages, drainPerSecond, words) => {
  expect(describeLagEffect({ lagMessages, drainPerSecond }, added)).toBe(words)
})
