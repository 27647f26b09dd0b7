/** How one lane of a dead-letter place grows, by the newest letters of the place that were indexed. */
export interface LaneGrowth {
  /** Of the newest letter of the lane. */
  readonly newestSequence: number
  /** Of the lane's letters among those, and how many they are. */
  readonly laneBytes: number
  readonly laneCount: number
  /** When the oldest of all of those died. */
  readonly sinceMs: number
}

/** What a lane may hold before its broker deletes its oldest messages, and how it is known when that is reached. */
export interface SizeExpiry {
  /** Milliseconds from now; an estimate that rather comes too early. null = not in sight. */
  readonly inMs: number | null
  readonly retentionBytes: number
  /** By how many messages the rate is known, and over what time. */
  readonly byCount: number
  readonly byMs: number
}

/** A rate over less than this is chance. */
const LEAST_WINDOW_MS = 60_000
const OUT_OF_SIGHT_MS = 3_650 * 86_400_000

/**
 * When as many bytes will lie behind a message as its lane may hold, if the lane grows on as it did. A log lets go of
 * whole segments and may hold its messages compressed, so that the message goes then or later; it goes earlier only when
 * more comes than came.
 */
export function estimateSizeExpiry(
  retentionBytes: number,
  sequence: number,
  growth: LaneGrowth,
  nowMs: number,
): SizeExpiry {
  const { laneBytes, laneCount, newestSequence } = growth
  const byMs = Math.max(LEAST_WINDOW_MS, nowMs - growth.sinceMs)
  const known = { retentionBytes, byCount: laneCount, byMs }
  if (laneCount === 0 || laneBytes === 0) return { ...known, inMs: null }
  const behindBytes = Math.max(0, newestSequence - sequence) * (laneBytes / laneCount)
  const inMs = (Math.max(0, retentionBytes - behindBytes) / laneBytes) * byMs
  return { ...known, inMs: inMs > OUT_OF_SIGHT_MS ? null : inMs }
}
