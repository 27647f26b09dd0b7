import { expect, test } from 'vitest'
import {
  addPairText,
  addDuration,
  addPairs,
  type DurationSketch,
  quantileUs,
  sketchToPairs,
} from '#domain/trace/duration-sketch.ts'

const durations = Array.from({ length: 1_000 }, (_, index) => (index + 1) * 250)

test('a quantile is within a tenth of the true one', () => {
  const sketch: DurationSketch = new Map()
  for (const duration of durations) addDuration(sketch, duration)
  for (const share of [0.5, 0.95, 0.99]) {
    const truth = durations[Math.ceil(share * durations.length) - 1]!
    expect(Math.abs(quantileUs(sketch, share)! - truth) / truth).toBeLessThan(0.1)
  }
})

test('two stored halves give what the whole gives', () => {
  const whole: DurationSketch = new Map()
  const halves: DurationSketch[] = [new Map(), new Map()]
  for (const [index, duration] of durations.entries()) {
    addDuration(whole, duration)
    addDuration(halves[index % 2]!, duration)
  }
  const merged: DurationSketch = new Map()
  for (const half of halves) addPairs(merged, sketchToPairs(half))
  expect(quantileUs(merged, 0.95)).toBe(quantileUs(whole, 0.95))
})

test('nothing recorded has no quantile', () => {
  expect(quantileUs(new Map(), 0.5)).toBeNull()
})

test('pairs in a text count like pairs in an array, taken away ones too', () => {
  const sketch: DurationSketch = new Map([[7, 4]])
  addPairText(sketch, '60,2,61,10')
  addPairText(sketch, '60,1,7,-4')
  addPairText(sketch, null)
  addPairText(sketch, '')
  expect([...sketch]).toEqual([
    [60, 3],
    [61, 10],
  ])
  addPairText(sketch, '61,10', 0.5)
  expect(sketch.get(61)).toBe(15)
})
