import type { LagSample } from '#domain/lag/lag-status.ts'

/** A standstill shorter than this says nothing, however often the group usually commits. */
export const STANDSTILL_MS = 60_000
/** A standstill of so many usual gaps between commits is none of them. */
const GAPS = 3
const WARM_UP_COMMITS = 3

export interface Standstill {
  readonly sinceMs: number
  /** Whether it began before the first reading, so that it is only a lower bound. */
  readonly isSinceBefore: boolean
  readonly endMovedBy: number
  /** How long a standstill may take here. */
  readonly thresholdMs: number
}

/** How the position of a lane moved over its readings. */
export interface LaneProgress {
  /** null without a position. */
  readonly still: Standstill | null
  /** Median time between two commits; null when fewer than three were seen. */
  readonly usualGapMs: number | null
  /** Whether too little has been seen to judge: fewer than three commits, and not watched for two usual gaps. */
  readonly isWarming: boolean
  /** Unrecovered step back; 0 without one. */
  readonly rewoundBy: number
  readonly repeatedMessages: number
  readonly blockedSinceMs: number | null
}

/**
 * @param samples oldest first, of one incarnation of the lane
 * @param learntGapMs the usual gap as a longer memory knows it
 */
export function readProgress(samples: readonly LagSample[], learntGapMs: number | null, nowMs: number): LaneProgress {
  const changes = samples.filter((sample, index) => index > 0 && sample.committed !== samples[index - 1]?.committed)
  const usualGapMs = learntGapMs ?? medianGap(changes)
  const watchedMs = nowMs - (samples[0]?.atMs ?? nowMs)
  const commitCount = changes.length + (typeof samples[0]?.committed === 'number' ? 1 : 0)
  return {
    still: findStandstill(samples, changes.at(-1) ?? null, usualGapMs, nowMs),
    usualGapMs,
    isWarming: commitCount < WARM_UP_COMMITS && watchedMs < Math.max(STANDSTILL_MS, 2 * (usualGapMs ?? 0)),
    ...findRewinds(samples),
    blockedSinceMs: findBlock(samples),
  }
}

/** A lane whose end fell is another lane of the same name (topic made anew): what was before does not count. */
export function sinceLastReset(samples: readonly LagSample[]): readonly LagSample[] {
  const at = samples.findLastIndex((sample, index) => sample.end < (samples[index - 1]?.end ?? 0))
  return at <= 0 ? samples : samples.slice(at)
}

/** Median of the times between commits; null below two of them. */
export function medianGap(changes: readonly { readonly atMs: number }[]): number | null {
  const gaps = changes.slice(1).map((change, index) => change.atMs - (changes[index]?.atMs ?? change.atMs))
  return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? null
}

/**
 * Since when the commit stands still, and how long that may take here: three of the lane's own usual gaps between
 * commits, so that a consumer which commits once a minute is not called stopped between two commits.
 */
function findStandstill(
  samples: readonly LagSample[],
  lastChange: LagSample | null,
  usualGapMs: number | null,
  nowMs: number,
): Standstill | null {
  const newest = samples.at(-1)
  if (newest === undefined || newest.committed === null) return null
  const since = lastChange ?? samples[0] ?? newest
  return {
    sinceMs: Math.min(since.atMs, nowMs),
    isSinceBefore: lastChange === null,
    endMovedBy: newest.end - since.end,
    thresholdMs: Math.max(STANDSTILL_MS, GAPS * (usualGapMs ?? 0)),
  }
}

/** Every step back counts; those that later readings made good were work done twice. */
function findRewinds(samples: readonly LagSample[]): Pick<LaneProgress, 'rewoundBy' | 'repeatedMessages'> {
  const newest = samples.at(-1)?.committed ?? null
  if (newest === null) return { rewoundBy: 0, repeatedMessages: 0 }
  let peak = 0
  let repeatedMessages = 0
  for (const [index, { committed }] of samples.entries()) {
    const before = samples[index - 1]?.committed ?? null
    if (committed !== null && before !== null && committed < before && newest >= before) {
      repeatedMessages += before - committed
    }
    peak = Math.max(peak, committed ?? 0)
  }
  return { rewoundBy: Math.max(0, peak - newest), repeatedMessages }
}

/**
 * Since when the group stands at the last stable position while that does not move and the end does: a reader of
 * committed messages cannot pass an open transaction.
 */
function findBlock(samples: readonly LagSample[]): number | null {
  const newest = samples.at(-1)
  if (newest?.stableEnd === undefined || newest.stableEnd >= newest.end) return null
  if (newest.committed === null || newest.committed < newest.stableEnd) return null
  const firstOther = samples.findLastIndex(({ stableEnd }) => stableEnd !== newest.stableEnd)
  const since = samples[firstOther + 1] ?? newest
  return newest.end > since.end ? since.atMs : null
}
