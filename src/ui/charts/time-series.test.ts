import { expect, test } from 'vitest'
import { fillGaps } from '#ui/charts/time-series.ts'

const at = (atMs: number) => ({ atMs, figures: { lag: atMs } })

test('a gap in the data becomes a gap in the line', () => {
  expect(fillGaps([at(0), at(10), at(50), at(60)], 10)).toEqual([
    at(0),
    at(10),
    { atMs: 20, figures: {} },
    at(50),
    at(60),
  ])
})

test('a point that is a little late is no gap', () => {
  expect(fillGaps([at(0), at(14)], 10)).toHaveLength(2)
})
