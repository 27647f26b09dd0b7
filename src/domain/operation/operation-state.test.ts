import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ACTIVE_STATES,
  canTransition,
  FINAL_STATES,
  OPERATION_STATES,
  TRANSITIONS,
} from '#domain/operation/operation-state.ts'

test('nothing leaves a final state, and everything else can still be ended by a person', () => {
  const deadEnds = OPERATION_STATES.filter((state) => TRANSITIONS[state].length === 0)
  expect(deadEnds).toEqual([...FINAL_STATES])
  const cancellable = OPERATION_STATES.filter((state) => canTransition(state, 'cancelled'))
  expect([...cancellable, ...deadEnds].toSorted()).toEqual([...OPERATION_STATES].toSorted())
})

test('no schedule of moves sends before a plan was made and started', () => {
  const schedule = fc.array(fc.constantFrom(...OPERATION_STATES), { maxLength: 40 })
  fc.assert(
    fc.property(schedule, (wishes) => {
      const path = wishes.reduce<(typeof wishes)[number][]>(
        (walked, to) => (canTransition(walked.at(-1) ?? 'planning', to) ? [...walked, to] : walked),
        ['planning'],
      )
      const firstActive = path.findIndex((state) => (ACTIVE_STATES as readonly string[]).includes(state))
      return firstActive === -1 || (path[firstActive] === 'queued' && path[firstActive - 1] === 'planned')
    }),
    { numRuns: 2_000 },
  )
})

test('an operation that ends with gaps was sending its rest just before', () => {
  expect(OPERATION_STATES.filter((state) => canTransition(state, 'partial'))).toEqual(['running'])
})

test('a completed operation was running or in its canary just before', () => {
  expect(OPERATION_STATES.filter((state) => canTransition(state, 'completed'))).toEqual(['canary', 'running'])
})
