import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  planResetLane,
  printResetPlan,
  type ResetFacts,
  type ResetPlan,
  type ResetTarget,
  sumResetPlan,
} from '#domain/reset/reset-plan.ts'

const lane = (over: Partial<ResetFacts> = {}): ResetFacts => ({
  lane: '0',
  committed: 60,
  start: 10,
  end: 100,
  atTime: null,
  undo: null,
  ...over,
})

test('going back repeats what was taken and is still there; going forward skips what was not', () => {
  expect(planResetLane({ kind: 'earliest' }, lane())).toMatchObject({ from: 60, to: 10, repeated: 50, skipped: 0 })
  expect(planResetLane({ kind: 'latest' }, lane())).toMatchObject({ to: 100, repeated: 0, skipped: 40 })
  expect(planResetLane({ kind: 'time', atMs: 1 }, lane({ atTime: 30 }))).toMatchObject({ to: 30, repeated: 30 })
  expect(planResetLane({ kind: 'shift', by: -5 }, lane())).toMatchObject({ to: 55, repeated: 5, lost: 0 })
  expect(planResetLane({ kind: 'shift', by: 5 }, lane())).toMatchObject({ to: 65, skipped: 5 })
  expect(planResetLane({ kind: 'offset', offset: 60 }, lane())).toMatchObject({ to: 60, repeated: 0, skipped: 0 })
})

test('a target outside of what is there is moved to the nearer end, which is said; what retention took is counted', () => {
  expect(planResetLane({ kind: 'shift', by: -57 }, lane())).toMatchObject({
    to: 10,
    clampedTo: 'start',
    lost: 7,
    repeated: 50,
  })
  expect(planResetLane({ kind: 'offset', offset: 500 }, lane())).toMatchObject({
    to: 100,
    clampedTo: 'end',
    skipped: 40,
  })
  // Its position itself is gone: nothing of that is skipped by the reset.
  expect(planResetLane({ kind: 'latest' }, lane({ committed: 4 }))).toMatchObject({ lost: 6, skipped: 90 })
  expect(planResetLane({ kind: 'earliest' }, lane({ committed: 4 }))).toMatchObject({ lost: 6, skipped: 0, to: 10 })
})

test('without a position nobody can say what is skipped; a shift has nothing to go from and does nothing', () => {
  expect(planResetLane({ kind: 'earliest' }, lane({ committed: null }))).toMatchObject({
    from: null,
    to: 10,
    skipped: null,
    repeated: null,
  })
  expect(planResetLane({ kind: 'shift', by: 3 }, lane({ committed: null }))).toMatchObject({ from: null, to: null })
})

test('an undo goes back to what was before, takes away a position that was none, and says how far the group has gone on', () => {
  const undo: ResetTarget = { kind: 'undo', resetId: 'r' }
  const was = (setTo: number | null, before: number | null) => ({ undo: { setTo, before } })
  expect(planResetLane(undo, lane({ committed: 10, ...was(10, 60) }))).toMatchObject({
    to: 60,
    skipped: 50,
    movedOn: 0,
  })
  expect(planResetLane(undo, lane({ committed: 25, ...was(10, 60) }))).toMatchObject({
    to: 60,
    skipped: 35,
    movedOn: 15,
  })
  expect(planResetLane(undo, lane({ committed: 10, ...was(10, null) }))).toMatchObject({ from: 10, to: null })
  expect(planResetLane(undo, lane({ committed: 77 }))).toMatchObject({ from: 77, to: 77, movedOn: 0 })
})

test('whatever is asked: it goes to a place that is there, and what is skipped and repeated adds up to the way', () => {
  const position = fc.integer({ min: 0, max: 200 })
  const targets: fc.Arbitrary<ResetTarget> = fc.oneof(
    fc.constantFrom<ResetTarget>({ kind: 'earliest' }, { kind: 'latest' }),
    position.map((offset) => ({ kind: 'offset' as const, offset })),
    fc.integer({ min: -300, max: 300 }).map((by) => ({ kind: 'shift' as const, by })),
  )
  fc.assert(
    fc.property(targets, position, position, position, (target, committed, one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)]
      const planned = planResetLane(target, lane({ committed, start, end }))
      if (planned.to === committed) return planned.skipped === 0 && planned.repeated === 0
      const next = Math.min(Math.max(committed, start), end)
      const way = (planned.skipped ?? 0) - (planned.repeated ?? 0)
      return planned.to !== null && planned.to >= start && planned.to <= end && way === planned.to - next
    }),
  )
})

test('the text of a plan changes with what is done, and not with who is a member', () => {
  const activity = { isInactive: true, state: 'empty', memberCount: 0, refusedBecause: null }
  const lanes = [planResetLane({ kind: 'earliest' }, lane())]
  const target = { kind: 'earliest' } as const
  const ground = { group: 'g', destination: 'd', isApproximate: false, readAtMs: 1 }
  const plan: ResetPlan = { ...ground, target, lanes, activity }
  const text = printResetPlan('c', plan)
  expect(printResetPlan('c', { ...plan, readAtMs: 2, activity: { ...activity, memberCount: 3 } })).toBe(text)
  expect(printResetPlan('other', plan)).not.toBe(text)
  expect(printResetPlan('c', { ...plan, lanes: [planResetLane(target, lane({ committed: 61 }))] })).not.toBe(text)
  expect(sumResetPlan(lanes)).toMatchObject({ changedLanes: 1, repeated: 50, skipped: 0, uncountedLanes: 0 })
})
