import { expect, test } from 'vitest'
import { binsOf, rangeOfBins } from '#ui/charts/histogram-bins.ts'

const frame = { fromMs: 1_000, toMs: 1_500, stepMs: 100 }

test('every step has a bar, empty where nothing was counted', () => {
  const bins = binsOf([{ atMs: 1_200, count: 3, badCount: 1 }], frame)
  expect(bins.map(({ atMs, count, badCount }) => [atMs, count, badCount])).toEqual([
    [1_000, 0, 0],
    [1_100, 0, 0],
    [1_200, 3, 1],
    [1_300, 0, 0],
    [1_400, 0, 0],
  ])
})

test('a frame without end is drawn as far as it fits', () => {
  expect(binsOf([], { fromMs: 0, toMs: 1e15, stepMs: 1 }).length).toBeLessThan(1_000)
  expect(binsOf([], { fromMs: 10, toMs: 0, stepMs: 1 })).toEqual([])
})

test('a range holds both bars that were picked, in whichever order', () => {
  const bins = binsOf([], frame)
  expect(rangeOfBins(bins, 1, 3, 100)).toEqual({ fromMs: 1_100, toMs: 1_400 })
  expect(rangeOfBins(bins, 3, 1, 100)).toEqual({ fromMs: 1_100, toMs: 1_400 })
  expect(rangeOfBins(bins, 2, 2, 100)).toEqual({ fromMs: 1_200, toMs: 1_300 })
})
