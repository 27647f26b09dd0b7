import { expect, test } from 'vitest'
import { learnExpectedMs } from '#domain/flow/expected-dwell.ts'
import { addDuration } from '#domain/trace/duration-sketch.ts'

const learn = (...dwells: readonly (readonly [seconds: number, count: number])[]) => {
  const sketch = new Map<number, number>()
  for (const [seconds, count] of dwells) addDuration(sketch, seconds * 1_000_000, count)
  return learnExpectedMs(sketch)?.expectedMs ?? null
}

test.each([
  ['a quick group gets the floor', [[0.01, 1_000]], 30_000],
  ['a slow one twice what it usually needs, rounded up', [[50, 1_000]], 120_000],
  [
    'one late message in a thousand is not the usual',
    [
      [0.01, 999],
      [3_000, 1],
    ],
    30_000,
  ],
  [
    'five in a hundred are',
    [
      [0.01, 95],
      [400, 5],
    ],
    900_000,
  ],
  ['no past allows more than an hour', [[40_000, 100]], 3_600_000],
  ['a few deliveries are no past', [[0.01, 19]], null],
] as const)('%s', (_, dwells, expected) => {
  expect(learn(...dwells)).toBe(expected)
})
