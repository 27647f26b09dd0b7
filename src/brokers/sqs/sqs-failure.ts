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
/** Nothing reached the server. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

/** What AWS calls its errors, with or without a namespace before and a suffix behind. */
const BY_NAME: readonly (readonly [pattern: RegExp, code: FailureCode, isRetryable: boolean])[] = [
  [/QueueDoesNotExist|NonExistentQueue|QueueDeletedRecently/, 'not-found', false],
  [/Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimit/, 'limit', true],
  [/OverLimit/, 'limit', true],
  [/ExpiredToken|CredentialsProvider|TokenRefresh/, 'forbidden', false],
  [/AccessDenied|Unauthorized|NotAuthorized|Forbidden|OptInRequired/, 'forbidden', false],
  [/InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId/, 'forbidden', false],
  [/MissingAuthenticationToken|InvalidSecurity|IncompleteSignature|RequestExpired/, 'forbidden', false],
  [/InvalidAddress/, 'not-found', false],
  [/ReceiptHandleIsInvalid|MessageNotInflight/, 'conflict', true],
  [/UnsupportedOperation|InvalidAction/, 'unsupported', false],
  [/Invalid|BatchRequestTooLong|BatchEntryIdsNotDistinct|MissingParameter|Validation/, 'invalid', false],
]

interface AwsError {
  readonly name?: string
  readonly code?: unknown
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** Of an error name alone, as batch entries carry it; null for a name that nobody knows. */
export function failureOfName(name: string, message: string, cause?: unknown): Failure | null {
  const known = BY_NAME.find(([pattern]) => pattern.test(name))
  if (known === undefined) return null
  const [, code, retryable] = known
  return new Failure(code, `SQS refused: ${message} (${name})`, { retryable, cause, details: { name } })
}

/** What SQS, the way to it or the credentials said, as a Failure with a truthful `retryable`. A Failure stays itself. */
export function toSqsFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const { name = 'Error', code, message = String(error), $metadata } = (error ?? {}) as AwsError
  const known = failureOfName(name, message, error)
  if (known !== null) return known
  const status = $metadata?.httpStatusCode
  if (status !== undefined && status >= 500) {
    return new Failure('broker-unavailable', `SQS answers ${status}: ${message}`, { cause: error })
  }
  const isNetwork = typeof code === 'string' && NETWORK_CODES.has(code)
  if (isNetwork || /TimeoutError|socket hang up|connection/i.test(`${name} ${message}`)) {
    return new Failure('broker-unavailable', `SQS cannot be reached: ${message}`, { cause: error })
  }
  if (name === 'AbortError') {
    return new Failure('internal', 'the call on the broker was given up by its caller', {
      retryable: true,
      cause: error,
    })
  }
  if (status !== undefined && status >= 400) {
    return new Failure('invalid', `SQS refused: ${message} (${name})`, { cause: error })
  }
  return new Failure('internal', message, { cause: error })
}

/** Whether a request that failed this way certainly changed nothing: SQS refused it, or it never left. */
export function isCertainlyRefused(error: unknown): boolean {
  const { name = '', code, $metadata } = (error ?? {}) as AwsError
  if (/CredentialsProvider|TokenRefresh/.test(name)) return true
  if (typeof code === 'string' && NEVER_SENT.has(code)) return true
  const status = $metadata?.httpStatusCode
  return status !== undefined && status >= 400 && status < 500
}
