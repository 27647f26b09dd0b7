import { expect, test } from 'vitest'
import { histogramStepMs } from '#domain/flow/histogram-step.ts'

test.each([
  ['a quarter of an hour', 900_000, 15_000],
  ['an hour', 3_600_000, 60_000],
  ['a day', 86_400_000, 1_800_000],
  ['a week', 604_800_000, 14_400_000],
  ['a month', 31 * 86_400_000, 43_200_000],
  ['an instant', 1, 100],
])('%s is parted into steps that read well', (_, windowMs, stepMs) => expect(histogramStepMs(windowMs)).toBe(stepMs))
