import { expect, test } from 'vitest'
import { type BurrowCommit, evaluateBurrow, foldBurrow } from '#domain/lag/evaluate-burrow.ts'
import { evaluateLanes, series } from '#domain/lag/test-lag.ts'

const STEP_MS = 1_000
/** Commits a second apart: [offset, lag]. */
const commits = (...pairs: readonly (readonly [number, number | null])[]): BurrowCommit[] =>
  pairs.map(([offset, lag], index) => ({ offset, atMs: index * STEP_MS, lag }))

interface Case {
  readonly ends?: readonly number[]
  readonly nowMs?: number
  readonly allowedLag?: number
  readonly minimumComplete?: number
  readonly capacity?: number
}

const status = (window: readonly BurrowCommit[], part: Case = {}) =>
  evaluateBurrow(
    { commits: window, brokerEnds: part.ends ?? [5_000, 6_000], capacity: part.capacity ?? window.length },
    {
      nowMs: part.nowMs ?? window.length * STEP_MS,
      allowedLag: part.allowedLag ?? 0,
      minimumComplete: part.minimumComplete ?? 0,
    },
  )

test.each([
  ['lag that grows with every commit', commits([10, 90], [20, 180], [30, 270]), {}, 'WARN'],
  ['lag that stays while positions advance', commits([10, 90], [20, 90], [30, 90]), {}, 'WARN'],
  ['one tick down among growth', commits([10, 90], [20, 89], [30, 200]), {}, 'OK'],
  ['a lag that is allowed', commits([10, 90], [20, 50], [30, 60]), { allowedLag: 99 }, 'OK'],
  ['one allowed lag in the window', commits([10, 90], [20, 0], [30, 200]), {}, 'OK'],
  ['a return exactly to where it went back from', commits([10, 90], [30, 90], [20, 100], [30, 110]), {}, 'WARN'],
  ['a step back that is not made good', commits([10, 90], [30, 90], [20, 100], [29, 110]), {}, 'REWIND'],
  ['a second step back that nobody looks at', commits([10, 90], [30, 95], [20, 96], [40, 97], [15, 98]), {}, 'WARN'],
  ['the same position again and again', commits([10, 90], [10, 91], [10, 92]), {}, 'STALL'],
  ['only lags that were learnt of late', commits([10, null], [20, null], [30, null]), {}, 'WARN'],
  ['no commit for longer than the window', commits([10, 90], [20, 90], [30, 90]), { nowMs: 4_001 }, 'STOP'],
  ['no commit for exactly as long as the window', commits([10, 90], [20, 90], [30, 90]), { nowMs: 4_000 }, 'WARN'],
  ['a stop with an end that had been reached', commits([10, 90], [20, 90]), { nowMs: 9_000, ends: [20, 90] }, 'WARN'],
  ['one commit', commits([10, 90]), {}, 'STOP'],
  ['a window that is not complete enough', commits([10, 90]), { minimumComplete: 0.5, capacity: 10 }, 'OK'],
  ['nothing waiting now', commits([10, 90], [6_000, 90]), { nowMs: 99_000 }, 'OK'],
  ['a position past the end', commits([10, 90], [7_000, 90]), { nowMs: 99_000 }, 'OK'],
  ['no commit at all', [], {}, 'OK'],
] as const)('as Burrow says: %s', (_title, window, part, expected) => {
  expect(status(window, part)).toBe(expected)
})

test('a group is as its worst partition, everything beyond a warning being an error', () => {
  expect(foldBurrow(['OK', 'OK'])).toBe('OK')
  expect(foldBurrow(['OK', 'WARN'])).toBe('WARN')
  expect(foldBurrow(['WARN', 'STALL'])).toBe('ERR')
  expect(foldBurrow([])).toBe('OK')
})

test("under Burrow's rules a polled group is stopped without members, and stalled with them", () => {
  const still = series(100, (poll) => [Math.min(poll, 32) * 100, 500 + poll * 100])
  expect(evaluateLanes([still], { rules: 'burrow', memberCount: 0 }).state).toBe('STOPPED')
  expect(evaluateLanes([still], { rules: 'burrow', memberCount: 2 }).state).toBe('STALLED')
})

test("Burrow's weak spots are its own: a new group is stopped at once, where ours warms up", () => {
  const fresh = series(2, () => [10, 500])
  expect(evaluateLanes([fresh], { rules: 'burrow', memberCount: 0 }).state).toBe('STOPPED')
  expect(evaluateLanes([fresh], { memberCount: 0 }).state).toBe('WARMING')
})
