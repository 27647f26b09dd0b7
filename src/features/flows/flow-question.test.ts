import { expect, test } from 'vitest'
import {
  countFurther,
  isFiltered,
  pickedRange,
  questionOf,
  rangeOf,
  whyNotAsked,
} from '#features/flows/flow-question.ts'
import type { FlowFilter } from '#features/flows/use-flow-filter.ts'

const NONE: FlowFilter = {
  id: '',
  service: '',
  destination: '',
  group: '',
  failure: '',
  messageKey: '',
  attribute: '',
  value: '',
  status: 'all',
  min: null,
  max: null,
  waited: null,
  attempt: null,
  window: '1h',
  from: null,
  to: null,
}

test('an empty filter asks for everything of the window', () => {
  expect(Object.values(questionOf(NONE)).filter((part) => part !== null)).toEqual(['all'])
  expect(rangeOf(NONE, 7_200_000)).toEqual({ fromMs: 3_600_000, toMs: 7_200_000 })
  expect(isFiltered(NONE)).toBe(false)
  expect(whyNotAsked(NONE)).toBeNull()
})

test('an attribute without a value asks whether it is there', () => {
  expect(questionOf({ ...NONE, attribute: 'app.tenant' }).attribute).toEqual({ key: 'app.tenant', value: null })
  expect(questionOf({ ...NONE, attribute: 'a', value: '7' }).attribute).toEqual({ key: 'a', value: '7' })
})

test('figures are kept within what is known: waits from a second, attempts from the second', () => {
  expect(questionOf({ ...NONE, waited: 0.2, attempt: 1, min: 1e300, max: -1 })).toMatchObject({
    minDwellMs: 1_000,
    minAttempt: 2,
    minDurationMs: 366 * 86_400_000,
    maxDurationMs: null,
  })
})

test('a picked range goes before the window, one that cannot be does not', () => {
  expect(rangeOf({ ...NONE, from: 10, to: 20 }, 100)).toEqual({ fromMs: 10, toMs: 20 })
  for (const range of [
    { from: 20, to: 10 },
    { from: 10, to: null },
    { from: -5, to: 10 },
    { from: 0, to: 9e15 },
  ])
    expect(pickedRange(range)).toBeNull()
})

test.each([
  ['an id of 10 kB', { id: 'x'.repeat(10_000) }, /10000 characters/],
  ['a value without its key', { value: 'x' }, /Name the attribute/],
  ['a range that ends before it begins', { from: 20, to: 10 }, /range of time/],
  ['a longest below the shortest', { min: 5, max: 1 }, /below the shortest/],
  ['a character that nothing has', { service: 'a\0b' }, /cannot be stored/],
])('%s is refused in words', (_, part, words) => expect(whyNotAsked({ ...NONE, ...part })).toMatch(words))

test('further filters are counted, so that closed ones are not forgotten', () => {
  expect(countFurther({ ...NONE, group: 'g', attempt: 2, attribute: 'a', value: 'b', service: 's' })).toBe(3)
})
