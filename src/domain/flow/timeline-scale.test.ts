import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openScale, planScale, type ScaleBar } from '#domain/flow/timeline-scale.ts'

const buildTimelineScale = (bars: readonly ScaleBar[]) => openScale(planScale(bars))

const work = (startUs: number, durationUs: number): ScaleBar => ({ startUs, durationUs, isWork: true })
const wait = (startUs: number, durationUs: number): ScaleBar => ({ startUs, durationUs, isWork: false })

test('without long waits the scale is linear', () => {
  const scale = buildTimelineScale([work(100, 50), wait(150, 20), work(170, 30)])
  expect(scale.folds).toEqual([])
  expect(scale.toX(100)).toBe(0)
  expect(scale.toX(150)).toBeCloseTo(0.5)
  expect(scale.toX(200)).toBe(1)
})

test('an hour in a dead-letter queue is folded and the work around it stays wide', () => {
  const scale = buildTimelineScale([work(0, 1_000), wait(1_000, 3_600_000_000), work(3_600_001_000, 1_000)])
  expect(scale.folds).toHaveLength(1)
  expect(scale.folds[0]).toMatchObject({ startUs: 1_000, endUs: 3_600_001_000 })
  expect(scale.toX(1_000)).toBeCloseTo(0.4)
  expect(scale.toX(3_600_001_000)).toBeCloseTo(0.6)
  expect(scale.toX(3_600_002_000)).toBeCloseTo(1)
})

test('time in which somebody works is never folded, however long', () => {
  const scale = buildTimelineScale([work(0, 10), work(10, 1_000_000), wait(10, 1_000_000), work(1_000_010, 10)])
  expect(scale.folds).toEqual([])
})

test('a second wait that dominates what is left is folded too', () => {
  const scale = buildTimelineScale([
    work(0, 10),
    wait(10, 100_000),
    work(100_010, 10),
    wait(100_020, 900),
    work(100_920, 10),
  ])
  expect(scale.folds).toHaveLength(2)
})

test('a flow that only waits is not folded away', () => {
  const scale = buildTimelineScale([wait(0, 1_000)])
  expect(scale.folds).toEqual([])
  expect(scale.toX(500)).toBeCloseTo(0.5)
})

test('nothing, and a flow of no length, still have a scale', () => {
  expect(buildTimelineScale([]).toX(5)).toBe(0)
  expect(buildTimelineScale([work(7, 0)]).toUs(0.5)).toBe(7)
})

test('whatever the bars, time goes rightwards inside the width and back to itself', () => {
  const bar = fc.record({ startUs: fc.nat(1e9), durationUs: fc.nat(1e8), isWork: fc.boolean() })
  fc.assert(
    fc.property(fc.array(bar, { minLength: 1, maxLength: 40 }), (bars) => {
      const scale = buildTimelineScale(bars)
      const times = bars.flatMap((one) => [one.startUs, one.startUs + one.durationUs]).toSorted((a, b) => a - b)
      let last = 0
      for (const atUs of times) {
        const x = scale.toX(atUs)
        expect(x).toBeGreaterThanOrEqual(last - 1e-9)
        expect(x).toBeLessThanOrEqual(1)
        last = x
      }
      if (scale.endUs > scale.startUs) expect(scale.toX(scale.endUs)).toBeCloseTo(1, 6)
    }),
  )
})

test('however many bars, the plan that is sent has only as many pieces as there are folds', () => {
  const bars = Array.from({ length: 5_000 }, (_, at) => [work(at * 10, 3), wait(at * 10 + 3, 7)]).flat()
  const plan = planScale([...bars, wait(50_000, 1_000_000), work(1_050_000, 10)])
  expect(plan.pieces).toHaveLength(3)
  expect(openScale(plan).folds).toHaveLength(1)
})
