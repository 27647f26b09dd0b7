import { expect, test } from 'vitest'
import { readTarget } from '#features/resets/reset-target-fields.ts'

test('figures are understood as people type them, and anything else is no target', () => {
  expect(readTarget('earliest', 'whatever')).toEqual({ kind: 'earliest' })
  expect(readTarget('offset', '88,120 417')).toEqual({ kind: 'offset', offset: 88_120_417 })
  expect(readTarget('shift', '−500')).toEqual({ kind: 'shift', by: -500 })
  expect(readTarget('shift', '0')).toBeNull()
  expect(readTarget('offset', '-1')).toBeNull()
  expect(readTarget('time', '')).toBeNull()
  const atMs = new Date(2026, 10, 21, 20, 30).getTime()
  expect(readTarget('time', '2026-11-21T20:30')).toEqual({ kind: 'time', atMs })
})
