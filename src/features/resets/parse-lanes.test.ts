import { expect, test } from 'vitest'
import { parseLanes } from '#features/resets/parse-lanes.ts'

test('lanes and ranges of them are understood, and nothing means all', () => {
  expect(parseLanes(' ')).toEqual({ lanes: null })
  expect(parseLanes('0, 3-5 4')).toEqual({ lanes: ['0', '3', '4', '5'] })
})

test('what is no list of lanes is said, and a range cannot fill the memory', () => {
  expect(parseLanes('0, x')).toEqual({ problem: '“x” is no lane; lanes are 0, 3-5.' })
  expect(parseLanes('5-3')).toEqual({ problem: '5-3 runs backwards.' })
  expect(parseLanes('0-999999999')).toHaveProperty('problem')
})
