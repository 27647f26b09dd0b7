/** The health of a consumer group on a destination, in the order of severity. */
export const LAG_STATES = [
  'DATA_LOSS',
  'STOPPED',
  'STALLED',
  'REWOUND',
  'LAGGING',
  'REBALANCING',
  'ORPHANED',
  'PAUSED',
  'UNKNOWN',
  'NO_COMMIT',
  'WARMING',
  'OK',
] as const
export type LagState = (typeof LAG_STATES)[number]

/** One reading of one lane. Sequences are decimal strings in the broker, numbers here (exact below 2^53). */
export interface LagSample {
  readonly atMs: number
  /** null: never committed. */
  readonly committed: number | null
  readonly end: number
  readonly start: number
  /** End before the first open transaction, where the broker tells it and it is another than `end`. */
  readonly stableEnd?: number
  /** When the commit was read where that was not with the rest. A lag is only known when the end is not older. */
  readonly committedAtMs?: number
}

/** How an age was found: from positions over time, by the broker's own clock, on spans, or on the record itself. */
export const AGE_METHODS = ['positions', 'broker', 'spans', 'record'] as const
export type AgeMethod = (typeof AGE_METHODS)[number]

/** Whether the lag will be gone: it is, it goes, it does not converge, or not enough is known to say. */
export const DRAIN_OUTLOOKS = ['done', 'draining', 'never', 'unknown'] as const
export type DrainOutlook = (typeof DRAIN_OUTLOOKS)[number]

/** What takes unread messages first: their age, the room that the destination may use, or their own time to live. */
export const LOSS_CAUSES = ['retention', 'size', 'ttl'] as const
export type LossCause = (typeof LOSS_CAUSES)[number]

export interface LagVerdict {
  readonly state: LagState
  /** One sentence for a person, with the figures that prove it. */
  readonly sentence: string
  /** end - max(committed, start), summed over lanes with a commit; null when unknown. */
  readonly lagMessages: number | null
  /** max(0, start - committed) over lanes: messages that retention took before they were read. */
  readonly lostMessages: number
  /** Age of the oldest unprocessed message; null when unknown. */
  readonly timeBehindMs: number | null
  /** Half-width of the uncertainty of `timeBehindMs`; null when unknown. */
  readonly timeBehindErrorMs: number | null
  /** Messages per second by which lag shrinks (positive) or grows (negative); null when unknown. */
  readonly drainPerSecond: number | null
  readonly drainOutlook: DrainOutlook
  /** When the lag is gone at this rate; null unless `drainOutlook` is `done` or `draining`. */
  readonly drainsInMs: number | null
  /** The band in which the truth lies four times out of five. */
  readonly drainsLowMs: number | null
  readonly drainsHighMs: number | null
  readonly timeBehindMethod: AgeMethod | null
}
