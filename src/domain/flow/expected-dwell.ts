import { type DurationSketch, quantileUs } from '#domain/trace/duration-sketch.ts'

/** No group is called late before this: polls, commits and spans need some seconds themselves. */
export const MIN_EXPECTED_MS = 30_000
/** A group that was slow for a day does not make an hour of waiting the usual. */
const MAX_EXPECTED_MS = 3_600_000
/** What a person may set: below, messages on their way would be called late; above, nobody waits for them any more. */
export const MIN_SET_MS = 5_000
export const MAX_SET_MS = 48 * 3_600_000
/** Fewer deliveries than this say nothing about what is usual. */
const MIN_SAMPLES = 20
const QUANTILE = 0.99
const MARGIN = 2

/** Allowed times come in steps, so that all destinations of one step are looked at together. */
const STEPS_MS = [30_000, 60_000, 120_000, 300_000, 900_000, 1_800_000, MAX_EXPECTED_MS] as const

/**
 * How long a group may take to take a message, from how long it took in the past: twice the 99th percentile, from 30
 * seconds to an hour. null when too little is known.
 */
export function learnExpectedMs(
  dwell: DurationSketch,
): { readonly expectedMs: number; readonly sampleCount: number } | null {
  const sampleCount = [...dwell.values()].reduce((sum, count) => sum + count, 0)
  const usualUs = sampleCount < MIN_SAMPLES ? null : quantileUs(dwell, QUANTILE)
  if (usualUs === null) return null
  return { expectedMs: roundUpToStep((usualUs / 1_000) * MARGIN), sampleCount }
}

/** The smallest step that allows at least `ms`; times set by hand may be beyond the last one and stay as they are. */
export function roundUpToStep(ms: number): number {
  return STEPS_MS.find((step) => step >= ms) ?? MAX_EXPECTED_MS
}
