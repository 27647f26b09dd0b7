import type { LagContext, LaneReading, LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import type { LagSample, LagState } from '#domain/lag/lag-status.ts'
import { fitSlope, type Slope } from '#domain/lag/regression.ts'
import { estimateTimeBehind, type TimeBehind } from '#domain/lag/time-behind.ts'

/** A standstill shorter than this says nothing, however often the group usually commits. */
export const STANDSTILL_MS = 60_000
/** Rates are fitted over this much of the history. */
const RATE_WINDOW_MS = 300_000
/** A group this little behind is not called lagging, whatever the slope. */
const LAGGING_FROM_MS = 10_000
/** Behind by this much without catching up is lagging even when the lag does not grow. */
const LAGGING_FLAT_MS = 60_000
const WARM_UP_SAMPLES = 3

interface Standstill {
  readonly sinceMs: number
  readonly isSinceBefore: boolean
  readonly endMovedBy: number
  readonly thresholdMs: number
}

interface Rates {
  readonly lag: Slope
  readonly arrivalPerSecond: number
  readonly commitPerSecond: number
}

/** The verdict on one lane; empty history is the caller's matter. */
export function evaluateLane(lane: string, reading: LaneReading, context: LagContext): LaneVerdict | null {
  const samples = sinceLastReset(reading.samples)
  const newest = samples.at(-1)
  if (newest === undefined) return null
  const { committed, start, end } = newest
  const next = Math.max(committed ?? start, start)
  const lagMessages = committed === null ? null : Math.max(0, end - next)
  const lostMessages = committed === null ? 0 : Math.max(0, start - committed)
  const still = findStandstill(samples, context.nowMs)
  const rates = fitRates(samples, context.nowMs)
  const behind = committed === null ? null : timeBehindOf(reading, samples, next, context.nowMs)
  const rewoundBy =
    committed === null ? 0 : Math.max(0, ...samples.map((sample) => (sample.committed ?? 0) - committed))
  const facts = { samples, lagMessages, lostMessages, still, rates, behind, rewoundBy, context }
  const isBehind = lagMessages !== null && lagMessages > context.allowedLagMessages
  return {
    lane,
    state: stateOf(facts),
    committed,
    start,
    end,
    lagMessages,
    lostMessages,
    timeBehindMs: behind?.ms ?? null,
    timeBehindErrorMs: behind?.errorMs ?? null,
    drainPerSecond: rates === null || committed === null ? null : -rates.lag.perSecond,
    drainsInMs: isBehind ? drainTime(lagMessages, rates) : lagMessages === null ? null : 0,
    firstLossInMs: isBehind ? firstLoss(behind, still, rates, context) : null,
    stillSinceMs: isBehind && still !== null ? still.sinceMs : null,
    isStillSinceBefore: still?.isSinceBefore ?? false,
    endMovedBy: still?.endMovedBy ?? 0,
    rewoundBy,
  }
}

/** A lane whose end fell is another lane of the same name (topic made anew): what was before does not count. */
function sinceLastReset(samples: readonly LagSample[]): readonly LagSample[] {
  const at = samples.findLastIndex((sample, index) => sample.end < (samples[index - 1]?.end ?? 0))
  return at <= 0 ? samples : samples.slice(at)
}

interface LaneFacts {
  readonly samples: readonly LagSample[]
  readonly lagMessages: number | null
  readonly lostMessages: number
  readonly still: Standstill | null
  readonly rates: Rates | null
  readonly behind: TimeBehind | null
  readonly rewoundBy: number
  readonly context: LagContext
}

/** Burrow's rules with their weak spots mended (reference, sections 1.7 and 1.13), the most certain ones first. */
function stateOf(facts: LaneFacts): LagState {
  const { samples, lagMessages, lostMessages, still, context } = facts
  if (lagMessages === null) return 'NO_COMMIT'
  if (lostMessages > 0) return 'DATA_LOSS'
  if (lagMessages <= context.allowedLagMessages) return 'OK'
  if (context.groupState === 'stable' && context.isOwned === false) return 'ORPHANED'
  if (samples.length < WARM_UP_SAMPLES) return 'WARMING'
  if (still !== null && context.nowMs - still.sinceMs > still.thresholdMs) {
    return (context.memberCount ?? 0) > 0 ? 'STALLED' : 'STOPPED'
  }
  if (facts.rewoundBy > 0) return 'REWOUND'
  return isLagging(facts) ? 'LAGGING' : 'OK'
}

function isLagging({ rates, behind }: LaneFacts): boolean {
  if (rates === null) return false
  const ageMs = behind?.ms ?? LAGGING_FROM_MS
  if (isBeyondDeadband(rates) && rates.lag.perSecond > 0) return ageMs >= LAGGING_FROM_MS
  const isShrinking = isBeyondDeadband(rates) && rates.lag.perSecond < 0
  return !isShrinking && ageMs >= LAGGING_FLAT_MS
}

/** A slope inside its own noise, or below 2 % of the arrivals, is no trend. */
function isBeyondDeadband({ lag, arrivalPerSecond }: Rates): boolean {
  return Math.abs(lag.perSecond) > Math.max(0.05, 2 * lag.errorPerSecond, 0.02 * arrivalPerSecond)
}

/**
 * Since when the commit stands still, and how long that may take here: three of the lane's own usual gaps between
 * commits, so that a consumer which commits once a minute is not called stopped between two commits.
 */
function findStandstill(samples: readonly LagSample[], nowMs: number): Standstill | null {
  const newest = samples.at(-1)
  if (newest === undefined || newest.committed === null) return null
  const changes = samples.filter((sample, index) => index > 0 && sample.committed !== samples[index - 1]?.committed)
  const gaps = changes.slice(1).map((change, index) => change.atMs - (changes[index]?.atMs ?? change.atMs))
  const cadenceMs = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0
  const since = changes.at(-1) ?? samples[0] ?? newest
  return {
    sinceMs: Math.min(since.atMs, nowMs),
    isSinceBefore: changes.length === 0,
    endMovedBy: newest.end - since.end,
    thresholdMs: Math.max(STANDSTILL_MS, 3 * cadenceMs),
  }
}

function fitRates(samples: readonly LagSample[], nowMs: number): Rates | null {
  const recent = samples.filter(({ atMs, committed }) => committed !== null && nowMs - atMs <= RATE_WINDOW_MS)
  const points = (value: (sample: LagSample) => number) =>
    recent.map((sample) => ({ atMs: sample.atMs, value: value(sample) }))
  const lag = fitSlope(points(({ end, committed, start }) => end - Math.max(committed ?? start, start)))
  const arrival = fitSlope(points(({ end }) => end))
  const commit = fitSlope(points(({ committed }) => committed ?? 0))
  if (lag === null || arrival === null || commit === null) return null
  return { lag, arrivalPerSecond: arrival.perSecond, commitPerSecond: commit.perSecond }
}

function timeBehindOf(
  reading: LaneReading,
  samples: readonly LagSample[],
  next: number,
  nowMs: number,
): TimeBehind | null {
  if (reading.oldestAgeMs !== null) return { ms: reading.oldestAgeMs, errorMs: 0 }
  return estimateTimeBehind(samples, next, nowMs)
}

/** null when the lag does not shrink beyond doubt: no finite number for a queue that never drains. */
function drainTime(lagMessages: number, rates: Rates | null): number | null {
  if (rates === null || rates.lag.perSecond >= 0 || !isBeyondDeadband(rates)) return null
  return (lagMessages / -rates.lag.perSecond) * 1_000
}

/**
 * Retention counts from the message's own age. While nothing is read the age grows with the clock; while reading is
 * slower than arriving it grows by the share that is not kept up with; otherwise there is no loss in sight.
 * Brokers delete whole segments, so the real loss is never earlier.
 */
function firstLoss(
  behind: TimeBehind | null,
  still: Standstill | null,
  rates: Rates | null,
  { retentionMs, nowMs }: LagContext,
): number | null {
  if (retentionMs === null || retentionMs <= 0 || behind === null) return null
  const leftMs = Math.max(0, retentionMs - behind.ms)
  if (still !== null && nowMs - still.sinceMs > STANDSTILL_MS) return leftMs
  if (rates === null || rates.lag.perSecond <= 0 || !isBeyondDeadband(rates) || rates.arrivalPerSecond <= 0) return null
  return leftMs / Math.min(1, rates.lag.perSecond / rates.arrivalPerSecond)
}
