/** The closed set of error codes. Each edge maps them once; the UI owns the words. */
export const FAILURE_CODES = [
  'not-found',
  'forbidden',
  'invalid',
  'conflict',
  'limit',
  'unsupported',
  'broker-unavailable',
  'outcome-unknown',
  'internal',
] as const

export type FailureCode = (typeof FAILURE_CODES)[number]

export interface FailureOptions {
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean
  /** Facts for the reader (names, counts); never secrets or payloads. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** The web's bundler makes this module once for pages and once for routes: what one of them throws is a Failure to both. */
const MARK = Symbol.for('throughline.failure')

/** The one error class of the project. `message` is for logs and operators: one sentence, cause first. */
export class Failure extends Error {
  static override [Symbol.hasInstance](thrown: unknown): boolean {
    if (this !== Failure) return Function.prototype[Symbol.hasInstance].call(this, thrown)
    return thrown instanceof Error && MARK in thrown
  }

  readonly code: FailureCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.retryable = options.retryable ?? (code === 'broker-unavailable' || code === 'outcome-unknown')
    this.details = options.details ?? {}
    Object.defineProperty(this, MARK, { value: true })
  }
}

/** Wraps whatever was thrown: a Failure stays itself, anything else becomes `internal` with its cause kept. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new Failure('internal', message, { cause: thrown })
}
