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
}

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
  /** When the lag is gone at this rate; null when unknown or never. */
  readonly drainsInMs: number | null
}
