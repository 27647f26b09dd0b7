import { expect, test } from 'vitest'
import { findHotLanes } from '#domain/lag/hot-lanes.ts'

const hot = (...lags: readonly (number | null)[]) =>
  findHotLanes(lags.map((lagMessages, lane) => ({ lane: String(lane), lagMessages }))).map(({ lane }) => lane)

test.each([
  ['the one of five that owes most', [2_201, 3_404, 2_110, 2_096, 9_120], ['4']],
  ['the only one that owes anything', [0, 0, 800, 0], ['2']],
  ['two that hold the others up', [10, 12, 9_000, 11, 8_500, 13], ['2', '4']],
  ['one of two by five times', [100, 501], ['1']],
  ['none of two that differ little', [100, 400], []],
  ['none where all owe alike', [500, 510, 490, 505], []],
  ['none where nothing is owed', [0, 0, 0], []],
  ['none where one lane is all there is', [9_000], []],
  ['lanes that are not known are left out', [null, 10, null, 9_000, 10], ['3']],
] as const)('hot is %s', (_title, lags, expected) => {
  expect(hot(...lags)).toEqual(expected)
})
