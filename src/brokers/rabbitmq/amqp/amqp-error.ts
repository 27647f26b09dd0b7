import { Failure, type FailureCode } from '#domain/failure.ts'

/** Reply codes of AMQP 0-9-1 (specification, section 1.3) and RabbitMQ's use of them. */
const BY_REPLY: Readonly<Record<number, readonly [code: FailureCode, isRetryable: boolean]>> = {
  311: ['limit', false],
  312: ['not-found', false],
  313: ['not-found', true],
  320: ['broker-unavailable', true],
  403: ['forbidden', false],
  404: ['not-found', false],
  // Another connection holds the queue for itself alone.
  405: ['forbidden', false],
  406: ['conflict', false],
  506: ['limit', true],
  530: ['forbidden', false],
  540: ['unsupported', false],
  541: ['broker-unavailable', true],
}

/** What the server said when it closed a channel or the connection, as a Failure with a truthful `retryable`. */
export function failureOfReply(replyCode: number, replyText: string): Failure {
  const [code, retryable] = BY_REPLY[replyCode] ?? ['broker-unavailable', true]
  return new Failure(code, `RabbitMQ refused: ${replyText}`, { retryable, details: { replyCode } })
}

/** The reply code of a refusal of the server; null when it was something else, such as a lost connection. */
export function replyCodeOf(failure: Failure): number | null {
  const { replyCode } = failure.details
  return typeof replyCode === 'number' ? replyCode : null
}

export const connectionLost = (why: string, cause?: unknown): Failure =>
  new Failure('broker-unavailable', `the connection to RabbitMQ was lost: ${why}`, { cause })
