import type { AgeMethod, DrainOutlook, LagSample, LagState, LagVerdict, LossCause } from '#domain/lag/lag-status.ts'

export interface LaneReading {
  /** Readings of this lane, oldest first, the newest one being the present. */
  readonly samples: readonly LagSample[]
  /** Age of the oldest unprocessed message where the broker itself knows it. */
  readonly oldestAgeMs: number | null
  /** Median time between two commits, when more of them were seen than `samples` still tells. */
  readonly usualGapMs: number | null
  /** Positions after the commit that hold no message: control records of transactions. */
  readonly phantomMessages: number
  /** Set when this lane could not be read this time; `samples` then end with the last time that it could. */
  readonly unreadableBecause: string | null
}

export interface LagContext {
  readonly nowMs: number
  /** What moving on is called here: consumers of a log commit positions, workers of a queue take jobs away. */
  readonly progress: 'commits' | 'removals'
  /** The rules in force: ours, or Burrow's to the letter. */
  readonly rules: LagRules
  readonly groupState: 'stable' | 'rebalancing' | 'empty' | 'dead' | 'unknown'
  /** null = could not be read. */
  readonly memberCount: number | null
  /** Whether a member of the group is assigned a lane of this destination; null = unknown. */
  readonly isOwned: boolean | null
  /** Of the destination; null = unlimited or unknown. */
  readonly retentionMs: number | null
  /** Whether the destination deletes its oldest messages to stay below a size. */
  readonly hasSizeLimit: boolean
  /** Compaction takes records out of the middle: positions overstate what waits. */
  readonly isCompacted: boolean
  /** Since when the group rebalances; null when it does not. */
  readonly rebalancingSinceMs: number | null
  /** Set while the group is paused on purpose: who did it and why, as words. */
  readonly pausedBecause: string | null
  /** Set when a step back was asked for: by whom and why, as words. */
  readonly rewoundBecause: string | null
  /** Set when the lanes could not be read this time. */
  readonly unreadableBecause: string | null
  /** Lag that counts as none. */
  readonly allowedLagMessages: number
}

export const LAG_RULES = ['mended', 'burrow'] as const
export type LagRules = (typeof LAG_RULES)[number]

export interface LaneVerdict {
  readonly lane: string
  readonly state: LagState
  readonly committed: number | null
  readonly start: number
  readonly end: number
  /** null: never committed, or not known. */
  readonly lagMessages: number | null
  readonly lostMessages: number
  readonly timeBehindMs: number | null
  readonly timeBehindErrorMs: number | null
  readonly timeBehindMethod: AgeMethod | null
  /** Messages per second, positive when the lag shrinks; null when unknown. */
  readonly drainPerSecond: number | null
  readonly arrivalPerSecond: number | null
  /** The most that was taken over a minute of the history; null when unknown. */
  readonly bestPerSecond: number | null
  readonly drainOutlook: DrainOutlook
  readonly drainsInMs: number | null
  readonly drainsLowMs: number | null
  readonly drainsHighMs: number | null
  readonly firstLossInMs: number | null
  readonly lossCause: LossCause | null
  /** When the first unread message is lost if nothing is taken from now on; null when never or unknown. */
  readonly lossIfStoppedInMs: number | null
  /** Since when the committed position stands still; null when that is not the case or there is no commit. */
  readonly stillSinceMs: number | null
  /** Whether the standstill began before the first reading, so that it is only a lower bound. */
  readonly isStillSinceBefore: boolean
  /** How far the end moved during the standstill. */
  readonly endMovedBy: number
  /** Median time between two commits; null when fewer than three were seen. */
  readonly usualGapMs: number | null
  /** Unrecovered step back; 0 without one. */
  readonly rewoundBy: number
  /** Positions that were taken twice, by steps back that were made good. */
  readonly repeatedMessages: number
  /** Since when an open transaction keeps readers of committed messages where this group stands; null when none does. */
  readonly blockedSinceMs: number | null
  readonly unreadableBecause: string | null
}

/** One of the readings that prove a verdict. */
export interface LagProof {
  readonly lane: string
  readonly atMs: number
  readonly committed: number | null
  readonly end: number
  readonly lagMessages: number | null
}

export interface LagEvaluation extends LagVerdict {
  /** When the first unread message is lost if things go on as they do; null when never or unknown. */
  readonly firstLossInMs: number | null
  readonly lossCause: LossCause | null
  readonly lossIfStoppedInMs: number | null
  /** Whether the state is what somebody asked for: nobody has to be woken. */
  readonly isExpected: boolean
  /** Positions overstate what waits (compaction). */
  readonly isApproximate: boolean
  readonly lanes: readonly LaneVerdict[]
  /** Readings of the lane that decided, newest first. */
  readonly proof: readonly LagProof[]
}
