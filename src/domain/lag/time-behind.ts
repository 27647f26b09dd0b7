import type { LagSample } from '#domain/lag/lag-status.ts'

/** How far before the oldest poll an age may be extrapolated; beyond it only a lower bound is known. */
const EXTRAPOLATION_MS = 600_000

export interface TimeBehind {
  readonly ms: number
  /** How far off `ms` may be; null when `ms` is only a lower bound. */
  readonly errorMs: number | null
}

/**
 * Age of the oldest unprocessed message of a lane from the history of its end (interpolation between polls): the message
 * at the position to read next was appended between the last poll whose end had not passed that position and the first
 * whose end had. With an idle producer the age therefore grows with the clock and never beyond what the polls prove.
 *
 * @param history oldest first, of one incarnation of the lane (ends never fall)
 * @returns null with fewer than two polls; 0 when nothing waits
 */
export function estimateTimeBehind(
  history: readonly LagSample[],
  nextPosition: number,
  nowMs: number,
): TimeBehind | null {
  const newest = history.at(-1)
  const oldest = history[0]
  if (newest === undefined || oldest === undefined) return null
  if (nextPosition >= newest.end) return { ms: 0, errorMs: 0 }
  if (history.length < 2) return null
  const after = history.findIndex(({ end }) => end > nextPosition)
  const right = history[after]
  if (right === undefined) return null
  const left = history[after - 1]
  if (left === undefined) return extrapolate(oldest, newest, nextPosition, nowMs)
  const share = (nextPosition - left.end) / (right.end - left.end)
  const appendedMs = left.atMs + share * (right.atMs - left.atMs)
  const errorMs = Math.max(appendedMs - left.atMs, right.atMs - appendedMs)
  return { ms: Math.max(0, nowMs - appendedMs), errorMs }
}

/** Older than every poll: the mean rate of the history tells how much older, within a limit. */
function extrapolate(oldest: LagSample, newest: LagSample, nextPosition: number, nowMs: number): TimeBehind {
  const provenMs = Math.max(0, nowMs - oldest.atMs)
  const perMs = (newest.end - oldest.end) / (newest.atMs - oldest.atMs)
  const beforeMs = perMs > 0 ? (oldest.end - nextPosition) / perMs : Number.POSITIVE_INFINITY
  if (beforeMs > EXTRAPOLATION_MS) return { ms: provenMs, errorMs: null }
  return { ms: provenMs + beforeMs, errorMs: beforeMs }
}
