/** What the headers (or the broker) of a dead letter say, whatever dialect they are written in. */
export interface DeathCertificate {
  readonly dialect: string
  readonly originDestination: string | null
  readonly originPartition: string | null
  readonly originOffset: string | null
  readonly originTimestampMs: number | null
  readonly consumerGroup: string | null
  readonly attempts: number | null
  /** The business exception where the dialect separates it from the wrapper. */
  readonly exceptionClass: string | null
  readonly exceptionMessage: string | null
  readonly stack: string | null
}

export const DEAD_LETTER_STATES = ['open', 'redriven', 'discarded', 'expired'] as const
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number]

/** What identifies a cause: dead letters with the same fingerprint died of the same thing. */
export interface Fingerprint {
  /** 16 hex digits, stable over processes and versions of the code. */
  readonly hash: string
  /** `CurrencyMismatch at settle (src/settle.ts)`: for people. */
  readonly title: string
  readonly exceptionClass: string | null
  readonly frame: string | null
  readonly normalisedMessage: string | null
}
