import type { LagSample, LagState, LagVerdict } from '#domain/lag/lag-status.ts'

export interface LaneReading {
  /** Readings of this lane, oldest first, the newest one being the present. */
  readonly samples: readonly LagSample[]
  /** Age of the oldest unprocessed message where the broker itself knows it. */
  readonly oldestAgeMs: number | null
}

export interface LagContext {
  readonly nowMs: number
  readonly groupState: 'stable' | 'rebalancing' | 'empty' | 'dead' | 'unknown'
  /** null = could not be read. */
  readonly memberCount: number | null
  /** Whether a member of the group is assigned a lane of this destination; null = unknown. */
  readonly isOwned: boolean | null
  /** Of the destination; null = unlimited or unknown. */
  readonly retentionMs: number | null
  /** Since when the group rebalances; null when it does not. */
  readonly rebalancingSinceMs: number | null
  /** Set while the group is paused on purpose: who did it and why, as words. */
  readonly pausedBecause: string | null
  /** Set when the lanes could not be read this time. */
  readonly unreadableBecause: string | null
  /** Lag that counts as none (control records of transactions). */
  readonly allowedLagMessages: number
}

export interface LaneVerdict {
  readonly lane: string
  readonly state: LagState
  readonly committed: number | null
  readonly start: number
  readonly end: number
  /** null: never committed. */
  readonly lagMessages: number | null
  readonly lostMessages: number
  readonly timeBehindMs: number | null
  readonly timeBehindErrorMs: number | null
  /** Messages per second, positive when the lag shrinks; null when unknown. */
  readonly drainPerSecond: number | null
  readonly drainsInMs: number | null
  readonly firstLossInMs: number | null
  /** Since when the committed position stands still; null when that is not the case or there is no commit. */
  readonly stillSinceMs: number | null
  /** Whether the standstill began before the first reading, so that it is only a lower bound. */
  readonly isStillSinceBefore: boolean
  /** How far the end moved during the standstill. */
  readonly endMovedBy: number
  /** Unrecovered step back; 0 without one. */
  readonly rewoundBy: number
}

export interface LagEvaluation extends LagVerdict {
  /** When retention takes the first unread message if things go on as they do; null when never or unknown. */
  readonly firstLossInMs: number | null
  readonly lanes: readonly LaneVerdict[]
}
