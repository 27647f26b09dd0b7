import { expect, test } from 'vitest'
import { fitScale } from '#ui/graph/fit-scale.ts'

const FRAME = { width: 1_190, height: 480 }

test('a map of a small system is seen whole at first', () => {
  const map = { width: 2_190, height: 330 }
  const scale = fitScale(map, FRAME, 1.15)
  expect(map.width * scale).toBeLessThanOrEqual(FRAME.width)
  expect(map.height * scale).toBeLessThanOrEqual(FRAME.height)
})

test('a map that would be too small to read scrolls instead', () => {
  expect(fitScale({ width: 9_000, height: 4_000 }, FRAME, 1.15)).toBeGreaterThan(0.7)
})

test('a tiny map is not blown up', () => {
  expect(fitScale({ width: 200, height: 60 }, FRAME, 1.15)).toBe(1.15)
})
