import type { Drift } from '#domain/lag/fit-drift.ts'
import type { DrainOutlook } from '#domain/lag/lag-status.ts'

export interface DrainForecast {
  readonly outlook: DrainOutlook
  /** ms from now; null unless the outlook is `done` or `draining`. */
  readonly inMs: number | null
  readonly lowMs: number | null
  readonly highMs: number | null
}

/** Student's t for a band that holds four out of five, by degrees of freedom from 1. */
const FOUR_OF_FIVE = [3.078, 1.886, 1.638, 1.533, 1.476, 1.44, 1.415, 1.397, 1.383] as const
const MANY_FREEDOMS = 1.372
/** Below this a trend is none. */
const LEAST_PER_SECOND = 0.05

const DONE: DrainForecast = { outlook: 'done', inMs: 0, lowMs: 0, highMs: 0 }
const none = (outlook: DrainOutlook): DrainForecast => ({ outlook, inMs: null, lowMs: null, highMs: null })

/**
 * When a lag is gone that drifts as it did. At time T it is spread around `lag + drift T` with the variance
 * `s2 T + e2 T^2` (its wandering, and the error of the drift); the band ends where that spread, four times out of five,
 * touches zero: the roots of T^2 (v^2 - t^2 e2) - T (2 v L + t^2 s2) + L^2 with v = -drift. Where the drift's own band
 * includes zero there are none: it does not converge.
 *
 * @param lag the drift of the lag, messages per second; null when unknown
 */
export function forecastDrain(lagMessages: number, lag: Drift | null): DrainForecast {
  if (lagMessages <= 0) return DONE
  if (lag === null) return none('unknown')
  const rate = -lag.perSecond
  const t = FOUR_OF_FIVE[lag.freedom - 1] ?? MANY_FREEDOMS
  if (rate <= Math.max(LEAST_PER_SECOND, t * lag.errorPerSecond)) return none('never')
  const a = rate ** 2 - (t * lag.errorPerSecond) ** 2
  const b = 2 * rate * lagMessages + t ** 2 * lag.variancePerSecond
  const root = Math.sqrt(Math.max(0, b ** 2 - 4 * a * lagMessages ** 2))
  return {
    outlook: 'draining',
    inMs: (lagMessages / rate) * 1_000,
    // The smaller root in the form that does not cancel.
    lowMs: ((2 * lagMessages ** 2) / (b + root)) * 1_000,
    highMs: ((b + root) / (2 * a)) * 1_000,
  }
}
