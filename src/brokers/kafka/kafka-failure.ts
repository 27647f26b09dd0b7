import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka'
import { Failure, type FailureCode } from '#domain/failure.ts'

/** Kafka's error codes that this adapter decides on, by their protocol number. */
export const KAFKA_ERROR = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAuthorization: 29,
  groupAuthorization: 30,
  clusterAuthorization: 31,
  invalidTimestamp: 32,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidProducerIdMapping: 49,
  storageError: 56,
  unknownProducerId: 59,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  groupSubscribedToTopic: 86,
  invalidRecord: 87,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
  staleMemberEpoch: 113,
} as const

const CODES: Readonly<Record<string, FailureCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'not-found',
  UNKNOWN_TOPIC_ID: 'not-found',
  INVALID_TOPIC_EXCEPTION: 'not-found',
  GROUP_ID_NOT_FOUND: 'not-found',
  TOPIC_AUTHORIZATION_FAILED: 'forbidden',
  GROUP_AUTHORIZATION_FAILED: 'forbidden',
  CLUSTER_AUTHORIZATION_FAILED: 'forbidden',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'forbidden',
  SASL_AUTHENTICATION_FAILED: 'forbidden',
  UNSUPPORTED_SASL_MECHANISM: 'forbidden',
  MESSAGE_TOO_LARGE: 'limit',
  RECORD_LIST_TOO_LARGE: 'limit',
  POLICY_VIOLATION: 'forbidden',
  UNSUPPORTED_VERSION: 'unsupported',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'unsupported',
  UNSUPPORTED_COMPRESSION_TYPE: 'unsupported',
}

/** The name that Kafka gives an error code, for operators who search for it. */
export const kafkaErrorName = (errorCode: number): string => protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`

/** A broker's own answer about one thing, as a Failure. What Kafka calls retriable is `broker-unavailable`. */
export function failureOfCode(errorCode: number, subject: string, detail?: string | null): Failure {
  const name = kafkaErrorName(errorCode)
  const known = protocolErrors[name]
  const code = CODES[name] ?? (known?.canRetry === true ? 'broker-unavailable' : 'invalid')
  // Kafka calls an unknown topic retriable because metadata spreads late; by the time of this answer it has been asked twice.
  const message = `${subject}: ${name}${known === undefined ? '' : ` (${known.message})`}${detail ? `: ${detail}` : ''}`
  return new Failure(code, message, { retryable: code === 'broker-unavailable', details: { kafkaError: name } })
}

interface Cause {
  readonly message?: unknown
  readonly code?: unknown
  readonly apiId?: unknown
  readonly apiCode?: unknown
  readonly serverErrorMessage?: unknown
  readonly errors?: unknown
  readonly cause?: unknown
}

/** The error and everything below it: the client buries the cause under `errors` and `cause`, several levels deep. */
function* causesOf(error: unknown, depth = 0): Generator<Cause> {
  if (typeof error !== 'object' || error === null || depth > 8) return
  const one: Cause = error
  yield one
  if (Array.isArray(one.errors)) for (const inner of one.errors as unknown[]) yield* causesOf(inner, depth + 1)
  yield* causesOf(one.cause, depth + 1)
}

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)|CERT/
const TLS_WORDS = /requires TLS|TLS handshake failed|wrong version number|certificate/i

/** Whatever the client threw, as a Failure that names the cause and tells the truth about trying again. */
export function toKafkaFailure(error: unknown, subject: string): Failure {
  if (error instanceof Failure) return error
  const causes = [...causesOf(error)]
  const said = causes.find((cause) => typeof cause.apiId === 'string')
  const details = causes.map((cause) => text(cause.message) ?? '').filter((words) => words !== '')
  const isWrongSignIn = causes.some(
    (cause) => cause.code === 'PLT_KFK_AUTHENTICATION' || cause.apiId === 'SASL_AUTHENTICATION_FAILED',
  )
  if (isWrongSignIn) {
    const reason = typeof said?.serverErrorMessage === 'string' ? said.serverErrorMessage : (details.at(-1) ?? '')
    return new Failure('forbidden', `${subject}: the broker refused the sign-in (${reason})`, {
      retryable: false,
      cause: error,
    })
  }
  const tls = causes.find((cause) => TLS_CODE.test(text(cause.code) ?? '') || TLS_WORDS.test(text(cause.message) ?? ''))
  if (tls !== undefined) {
    return new Failure('invalid', `${subject}: TLS does not come about: ${text(tls.message) ?? ''}`, {
      retryable: false,
      cause: error,
    })
  }
  if (typeof said?.apiCode === 'number') return failureOfCode(said.apiCode, subject, text(said.serverErrorMessage))
  const last = details.at(-1) ?? String(error)
  return new Failure(codeOfClientError(causes), `${subject}: ${last}`, { cause: error })
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function codeOfClientError(causes: readonly Cause[]): FailureCode {
  const codes = new Set(causes.map((cause) => cause.code))
  if (codes.has('PLT_KFK_UNSUPPORTED_API') || codes.has('PLT_KFK_UNSUPPORTED')) return 'unsupported'
  if (codes.has('PLT_KFK_NETWORK') || codes.has('PLT_KFK_TIMEOUT')) return 'broker-unavailable'
  if (codes.has('PLT_KFK_USER')) return 'invalid'
  return 'internal'
}
