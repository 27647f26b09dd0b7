import { Failure, type FailureCode } from '#domain/failure.ts'

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
])

/** SQLSTATE by its longest known prefix (PostgreSQL manual, appendix A). */
const BY_STATE: readonly (readonly [prefix: string, code: FailureCode, isRetryable: boolean])[] = [
  ['28', 'forbidden', false],
  ['42501', 'forbidden', false],
  ['3D000', 'not-found', false],
  ['3F000', 'not-found', false],
  ['42P01', 'not-found', false],
  ['42703', 'unsupported', false],
  ['22', 'invalid', false],
  ['23', 'conflict', false],
  ['40', 'broker-unavailable', true],
  ['53', 'broker-unavailable', true],
  ['55', 'broker-unavailable', true],
  ['57', 'broker-unavailable', true],
  ['08', 'broker-unavailable', true],
  ['25006', 'forbidden', false],
]

/** The SQLSTATE or the network's error code; null when the error has neither. */
export function errorCodeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** What Postgres or the way to it said, as a Failure with a truthful `retryable`. A Failure stays itself. */
export function toPgqueueFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = errorCodeOf(error)
  const known = code === null ? undefined : BY_STATE.find(([prefix]) => code.startsWith(prefix))
  if (known !== undefined) {
    const [, failure, retryable] = known
    return new Failure(failure, `Postgres refused: ${message}`, { retryable, cause: error, details: { code } })
  }
  if (isNetworkError(code, message)) {
    return new Failure('broker-unavailable', `Postgres cannot be reached: ${message}`, { cause: error })
  }
  return new Failure('internal', message, { cause: error })
}

function isNetworkError(code: string | null, message: string): boolean {
  return (code !== null && NETWORK_CODES.has(code)) || /terminated|timeout|connection/i.test(message)
}

/**
 * Whether a statement that failed this way certainly changed nothing: the server itself refused it. A lost connection or
 * a server that goes down leaves open whether the commit happened.
 */
export function isCertainlyRefused(error: unknown): boolean {
  const code = errorCodeOf(error)
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08')
}
