import { fromBurrowStatus, toBurrowWindow } from '#domain/lag/burrow-window.ts'
import { evaluateBurrow } from '#domain/lag/evaluate-burrow.ts'
import { fitRates, isBeyondDeadband, type LaneRates } from '#domain/lag/fit-rates.ts'
import { forecastDrain } from '#domain/lag/forecast-drain.ts'
import { forecastLoss, forecastLossIfStopped, type LossFacts } from '#domain/lag/forecast-loss.ts'
import type { LagContext, LaneReading, LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import type { AgeMethod, LagSample, LagState } from '#domain/lag/lag-status.ts'
import { type LaneProgress, readProgress, sinceLastReset, STANDSTILL_MS } from '#domain/lag/lane-progress.ts'
import { estimateTimeBehind, type TimeBehind } from '#domain/lag/time-behind.ts'

/** A group this little behind is not called lagging, whatever the slope. */
const LAGGING_FROM_MS = 10_000
/** Behind by this much without catching up is lagging even when the lag does not grow. */
const LAGGING_FLAT_MS = 60_000

interface LaneFacts {
  readonly reading: LaneReading
  readonly samples: readonly LagSample[]
  readonly newest: LagSample
  readonly lagMessages: number | null
  readonly lostMessages: number
  readonly progress: LaneProgress
  readonly rates: LaneRates | null
  readonly behind: (TimeBehind & { readonly method: AgeMethod }) | null
  readonly isBehind: boolean
  readonly context: LagContext
}

/** The verdict on one lane; empty history is the caller's matter. */
export function evaluateLane(lane: string, reading: LaneReading, context: LagContext): LaneVerdict | null {
  // A commit that is younger than the end makes lag look like none; such a pair is not compared.
  const paired = reading.samples.filter(({ atMs, committedAtMs }) => (committedAtMs ?? atMs) <= atMs)
  const samples = sinceLastReset(paired)
  const newest = samples.at(-1)
  if (newest === undefined) return null
  const facts = readFacts(reading, samples, newest, context)
  const { progress, behind, lagMessages, rates } = facts
  const isKnown = lagMessages !== null
  const drain = forecastDrain(facts.isBehind ? unreadMessages(facts) : 0, rates?.lag ?? null)
  const losses = facts.isBehind ? lossFacts(facts) : null
  const loss = losses === null ? null : forecastLoss(losses)
  return {
    lane,
    state: stateOf(facts),
    committed: newest.committed,
    start: newest.start,
    end: newest.end,
    lagMessages,
    lostMessages: facts.lostMessages,
    timeBehindMs: behind?.ms ?? null,
    timeBehindErrorMs: behind?.errorMs ?? null,
    timeBehindMethod: behind?.method ?? null,
    drainPerSecond: isKnown ? (rates === null ? restRate(facts) : -rates.lag.perSecond) : null,
    arrivalPerSecond: isKnown ? (rates?.arrivalPerSecond ?? restRate(facts)) : null,
    bestPerSecond: isKnown ? (rates?.bestPerSecond ?? null) : null,
    drainOutlook: isKnown ? drain.outlook : 'unknown',
    drainsInMs: isKnown ? drain.inMs : null,
    drainsLowMs: isKnown ? drain.lowMs : null,
    drainsHighMs: isKnown ? drain.highMs : null,
    firstLossInMs: loss?.inMs ?? null,
    lossCause: loss?.cause ?? null,
    lossIfStoppedInMs: losses === null ? freshLoss(facts) : (forecastLossIfStopped(losses)?.inMs ?? null),
    stillSinceMs: facts.isBehind && progress.still !== null ? progress.still.sinceMs : null,
    isStillSinceBefore: progress.still?.isSinceBefore ?? false,
    endMovedBy: progress.still?.endMovedBy ?? 0,
    usualGapMs: progress.usualGapMs,
    rewoundBy: progress.rewoundBy,
    repeatedMessages: progress.repeatedMessages,
    blockedSinceMs: progress.blockedSinceMs,
    unreadableBecause: reading.unreadableBecause ?? pastTheEnd(newest),
  }
}

function readFacts(
  reading: LaneReading,
  samples: readonly LagSample[],
  newest: LagSample,
  context: LagContext,
): LaneFacts {
  const { committed, start, end } = newest
  const isKnown = committed !== null && reading.unreadableBecause === null && pastTheEnd(newest) === null
  const next = Math.max(committed ?? start, start)
  const lagMessages = isKnown ? Math.max(0, end - next) : null
  const isBehind = lagMessages !== null && lagMessages > context.allowedLagMessages + reading.phantomMessages
  return {
    reading,
    samples,
    newest,
    lagMessages,
    lostMessages: isKnown ? Math.max(0, start - committed) : 0,
    progress: readProgress(samples, reading.usualGapMs, context.nowMs),
    rates: fitRates(samples, context.nowMs),
    behind: isKnown ? timeBehindOf(reading, samples, isBehind ? next : end, context.nowMs) : null,
    isBehind,
    context,
  }
}

/** Less than the lag where commits are rare: since the last one the group has gone on as usual and not said so yet. */
function unreadMessages({ lagMessages, progress: { still, usualGapMs }, rates, context }: LaneFacts): number {
  const sinceMs = still === null || usualGapMs === null ? 0 : Math.min(context.nowMs - still.sinceMs, usualGapMs)
  // Something waits, or it would not be asked.
  return Math.max(1, (lagMessages ?? 0) - (Math.max(0, rates?.commitPerSecond ?? 0) * Math.max(0, sinceMs)) / 1_000)
}

/** Positions never pass the end of the log that they were committed on. */
const pastTheEnd = ({ committed, end }: LagSample): string | null =>
  committed !== null && committed > end
    ? 'its position lies past the end: the destination was made anew or lost its newest messages'
    : null

/** Burrow's rules with their weak spots mended (reference, sections 1.7 and 1.13), the most certain ones first. */
function stateOf(facts: LaneFacts): LagState {
  const { lagMessages, lostMessages, progress, context, reading, newest } = facts
  if (reading.unreadableBecause !== null || pastTheEnd(newest) !== null) return 'UNKNOWN'
  if (lagMessages === null) return 'NO_COMMIT'
  if (lostMessages > 0) return 'DATA_LOSS'
  if (!facts.isBehind) return 'OK'
  if (context.groupState === 'stable' && context.isOwned === false) return 'ORPHANED'
  if (context.rules === 'burrow') return burrowState(facts)
  if (progress.isWarming) return 'WARMING'
  if (progress.still !== null && context.nowMs - progress.still.sinceMs > progress.still.thresholdMs) {
    return (context.memberCount ?? 0) > 0 ? 'STALLED' : 'STOPPED'
  }
  if (progress.rewoundBy > 0) return 'REWOUND'
  return isLagging(facts) ? 'LAGGING' : 'OK'
}

function burrowState({ samples, context }: LaneFacts): LagState {
  const rule = { nowMs: context.nowMs, allowedLag: context.allowedLagMessages, minimumComplete: 0 }
  return fromBurrowStatus(evaluateBurrow(toBurrowWindow(samples, (context.memberCount ?? 0) > 0), rule))
}

function isLagging({ rates, behind }: LaneFacts): boolean {
  if (rates === null) return false
  const ageMs = behind?.ms ?? LAGGING_FROM_MS
  const isTrend = isBeyondDeadband(rates, ageMs)
  if (isTrend && rates.lag.perSecond > 0) return ageMs >= LAGGING_FROM_MS
  const isShrinking = isTrend && rates.lag.perSecond < 0
  return !isShrinking && ageMs >= LAGGING_FLAT_MS
}

/** A lane that is read to the end and where nothing happens is not unknown: nothing arrives and nothing is taken. */
const restRate = ({ isBehind, samples }: LaneFacts): number | null => (!isBehind && samples.length > 1 ? 0 : null)

function timeBehindOf(
  reading: LaneReading,
  samples: readonly LagSample[],
  next: number,
  nowMs: number,
): LaneFacts['behind'] {
  if (reading.oldestAgeMs !== null) return { ms: reading.oldestAgeMs, errorMs: 0, method: 'broker' }
  const estimate = estimateTimeBehind(samples, next, nowMs)
  return estimate === null ? null : { ...estimate, method: 'positions' }
}

function lossFacts({ behind, rates, progress, newest, context }: LaneFacts): LossFacts {
  const isStill = progress.still !== null && context.nowMs - progress.still.sinceMs > STANDSTILL_MS
  const isGrowing =
    rates !== null && rates.lag.perSecond > 0 && rates.arrivalPerSecond > 0 && isBeyondDeadband(rates, behind?.ms ?? 0)
  return {
    timeBehindMs: behind?.ms ?? null,
    retentionMs: context.retentionMs,
    ageCause: context.progress === 'removals' ? 'ttl' : 'retention',
    isStill,
    ageGrowth: isGrowing ? rates.lag.perSecond / rates.arrivalPerSecond : null,
    marginMessages: Math.max(newest.committed ?? newest.start, newest.start) - newest.start,
    startPerSecond: context.hasSizeLimit ? (rates?.startPerSecond ?? null) : null,
    commitPerSecond: rates?.commitPerSecond ?? 0,
  }
}

/** With nothing waiting the next message to arrive is the first that a pause could lose. */
function freshLoss({ lagMessages, context: { retentionMs } }: LaneFacts): number | null {
  return lagMessages === null || retentionMs === null || retentionMs <= 0 ? null : retentionMs
}
