import { type Drift, fitDrift } from '#domain/lag/fit-drift.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'
import { fitSlope } from '#domain/lag/regression.ts'

/** Rates are fitted over this much of the history. */
const RATE_WINDOW_MS = 300_000
/** The best rate is the most that was taken over about so long. */
const BEST_WINDOW_MS = 60_000
/** The start follows in steps of whole segments; fewer of them are no rate. */
const LEAST_DELETIONS = 2

/** Messages per second. */
export interface LaneRates {
  readonly lag: Drift
  readonly arrivalPerSecond: number
  readonly commitPerSecond: number
  readonly bestPerSecond: number
  /** null when fewer than two deletions were seen. */
  readonly startPerSecond: number | null
}

/** null with fewer than three readings with a position in the last minutes. */
export function fitRates(samples: readonly LagSample[], nowMs: number): LaneRates | null {
  const recent = samples.filter(({ atMs, committed }) => committed !== null && nowMs - atMs <= RATE_WINDOW_MS)
  const points = (value: (sample: LagSample) => number) =>
    recent.map((sample) => ({ atMs: sample.atMs, value: value(sample) }))
  const lag = fitDrift(points(({ end, committed, start }) => end - Math.max(committed ?? start, start)))
  const arrival = fitSlope(points(({ end }) => end))
  const commit = fitSlope(points(({ committed }) => committed ?? 0))
  if (lag === null || arrival === null || commit === null) return null
  return {
    lag,
    arrivalPerSecond: arrival.perSecond,
    commitPerSecond: commit.perSecond,
    bestPerSecond: Math.max(commit.perSecond, bestRate(samples)),
    startPerSecond: startRate(samples),
  }
}

/** Standard errors that a trend has to exceed: for one of a lane that is hardly behind, and of one that is. */
const DOUBTS = 2
const FEWER_DOUBTS = 1
/** Behind by this much, growth needs less proof: the age itself speaks for it. */
const LATE_MS = 30_000

/** A slope inside its own noise, or below 2 % of the arrivals, is no trend. */
export function isBeyondDeadband({ lag, arrivalPerSecond }: LaneRates, behindMs: number): boolean {
  const doubts = behindMs >= LATE_MS ? FEWER_DOUBTS : DOUBTS
  return Math.abs(lag.perSecond) > Math.max(0.05, doubts * lag.errorPerSecond, 0.02 * arrivalPerSecond)
}

function bestRate(samples: readonly LagSample[]): number {
  let best = 0
  let from = 0
  for (const right of samples) {
    while (right.atMs - (samples[from + 1]?.atMs ?? right.atMs) >= BEST_WINDOW_MS) from += 1
    const left = samples[from]
    if (left === undefined || left.committed === null || right.committed === null) continue
    const elapsedMs = right.atMs - left.atMs
    if (elapsedMs < BEST_WINDOW_MS) continue
    best = Math.max(best, ((right.committed - left.committed) / elapsedMs) * 1_000)
  }
  return best
}

function startRate(samples: readonly LagSample[]): number | null {
  const deletions = samples.filter((sample, index) => index > 0 && sample.start > (samples[index - 1]?.start ?? 0))
  const [first, last] = [samples[0], deletions.at(-1)]
  if (first === undefined || last === undefined || deletions.length < LEAST_DELETIONS) return null
  return ((last.start - first.start) / (last.atMs - first.atMs)) * 1_000
}
