import type { SpanRecord } from '#domain/trace/span.ts'

/** One time that a message was worked on. */
export interface Run {
  readonly span: SpanRecord
  readonly isFailed: boolean
}

/** Who took messages of which destination: an attempt is repeated only within one taker. */
export interface Taker {
  readonly destination: string
  readonly service: string
  /** null = not said. */
  readonly consumerGroup: string | null
}

/** A message that one taker worked on more than once. */
export interface RepeatedMessage extends Taker {
  readonly id: string
  readonly messageKey: string | null
  readonly correlationId: string | null
  /** In order of time, at least two. */
  readonly runs: readonly Run[]
  /** `retried`: every run but the last failed. `duplicate`: it ran again although a run before had not failed. */
  readonly kind: 'retried' | 'duplicate'
}

/** Runs that began in one step of time. */
export interface AttemptStep {
  readonly atUs: number
  readonly firstCount: number
  readonly againCount: number
}

/** Attempts per message of one taker. */
export interface TakerAttempts extends Taker {
  readonly messageCount: number
  readonly deliveryCount: number
  /** Deliveries divided by messages: 1 = every message was taken once. */
  readonly amplification: number
  readonly failedCount: number
  readonly retriedCount: number
  readonly duplicateCount: number
  /** Attempts of the message that had the most. */
  readonly worstCount: number
  /** Failed spans of a listener that never ran; not counted as deliveries. */
  readonly phantomCount: number
  /** Deliveries of which nothing tells which message they were; counted as one message each. */
  readonly namelessCount: number
  readonly steps: readonly AttemptStep[]
}

/** A message key that many messages have. */
export interface HotKey {
  readonly destination: string
  readonly key: string
  readonly messageCount: number
  /** Of all messages with a key on the destination. */
  readonly share: number
}

export interface Attempts {
  /** The most amplified first. */
  readonly takers: readonly TakerAttempts[]
  /** Duplicates first, then by number of runs. */
  readonly repeated: readonly RepeatedMessage[]
  /** The hottest first. */
  readonly hotKeys: readonly HotKey[]
}
