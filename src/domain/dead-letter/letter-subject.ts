import type { Header } from '#domain/message.ts'

/** What an expression can ask of one dead letter. */
export interface LetterSubject {
  readonly key: Uint8Array | null
  readonly headers: readonly Header[]
  /** The first 64 KiB; null is a tombstone. */
  readonly payload: Uint8Array | null
  readonly payloadBytes: number
  readonly destination: string
  readonly origin: string | null
  readonly group: string | null
  readonly error: string | null
  readonly message: string | null
  readonly stack: string | null
  readonly dialect: string
  readonly attempts: number | null
  readonly redrives: number
  readonly deadAtMs: number
}

/** What an expression said of a batch. */
export interface MatchedLetters {
  /** Places in the batch, ascending. */
  readonly matched: readonly number[]
  /** Letters to which the expression could not be applied (a number compared as text, a wrong index). */
  readonly failedCount: number
  /** Of the first of them. */
  readonly failedReason: string | null
}

/**
 * Applies an expression to a batch of dead letters.
 * @throws Failure `invalid` for an expression that is none, `limit` for one that takes too long or too much memory
 */
export type MatchLetters = (expression: string, subjects: readonly LetterSubject[]) => Promise<MatchedLetters>
