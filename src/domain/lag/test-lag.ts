import type { LagContext, LagEvaluation, LaneReading } from '#domain/lag/lag-evaluation.ts'
import { evaluateLag } from '#domain/lag/evaluate-lag.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'

export const STEP_MS = 5_000

export const lagContext = (part: Partial<LagContext> = {}): LagContext => ({
  nowMs: 0,
  progress: 'commits',
  rules: 'mended',
  groupState: 'stable',
  memberCount: 3,
  isOwned: true,
  retentionMs: null,
  hasSizeLimit: false,
  isCompacted: false,
  rebalancingSinceMs: null,
  pausedBecause: null,
  rewoundBecause: null,
  unreadableBecause: null,
  allowedLagMessages: 0,
  ...part,
})

export const laneReading = (samples: readonly LagSample[], part: Partial<LaneReading> = {}): LaneReading => ({
  samples,
  oldestAgeMs: null,
  usualGapMs: null,
  phantomMessages: 0,
  unreadableBecause: null,
  ...part,
})

/** One lane polled every 5 s; `at` gives [committed, end, start?] of each poll. */
export const series = (
  polls: number,
  at: (poll: number) => readonly [number | null, number, number?],
): readonly LagSample[] =>
  Array.from({ length: polls }, (_, poll) => {
    const [committed, end, start = 0] = at(poll)
    return { atMs: poll * STEP_MS, committed, end, start }
  })

/** Lanes by their ordinal, judged at the time of the newest reading. */
export const evaluateLanes = (
  lanes: readonly (readonly LagSample[] | LaneReading)[],
  part: Partial<LagContext> = {},
): LagEvaluation => {
  const readings = lanes.map((lane) => ('samples' in lane ? lane : laneReading(lane)))
  const nowMs = Math.max(...readings.map(({ samples }) => samples.at(-1)?.atMs ?? 0))
  return evaluateLag(new Map(readings.map((reading, lane) => [String(lane), reading])), lagContext({ nowMs, ...part }))
}
