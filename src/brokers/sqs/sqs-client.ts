import { SQSClient } from '@aws-sdk/client-sqs'
import { refuseAborted } from '#brokers/abortable.ts'
import type { SqsConfiguration, SqsSecret } from '#brokers/sqs/sqs-configuration.ts'
import { toSqsFailure } from '#brokers/sqs/sqs-failure.ts'
import { Failure } from '#domain/failure.ts'

const CONNECT_WITHIN_MS = 3_000
/** Longer than the longest poll. */
const ANSWER_WITHIN_MS = 15_000
/** Tries of what may be done twice; the SDK backs off between them. */
const TRIES = 3

/** Calls of SQS by one of two clients; both are closed at once. */
export interface SqsClient {
  /** What may be done twice: tried again after throttling and lost connections. @throws Failure */
  ask<Answer>(
    call: (client: SQSClient, options: { abortSignal: AbortSignal }) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer>
  /** Sends, once: a second try of a send whose answer was lost is a second message. @throws what the SDK threw */
  once<Answer>(
    call: (client: SQSClient, options: { abortSignal: AbortSignal }) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer>
  close(): void
}

export function createSqsClient(configuration: SqsConfiguration, secret: SqsSecret): SqsClient {
  const make = (maxAttempts: number): SQSClient =>
    new SQSClient({
      region: configuration.region,
      maxAttempts,
      // The address in a queue's URL is how SQS sees itself, which is not how it is reached through a proxy.
      useQueueUrlAsEndpoint: false,
      requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, requestTimeout: ANSWER_WITHIN_MS },
      ...(configuration.endpoint !== undefined && { endpoint: configuration.endpoint }),
      ...(configuration.profile !== undefined && { profile: configuration.profile }),
      ...(secret && { credentials: { ...secret, sessionToken: secret.sessionToken ?? '' } }),
    })
  const [asking, sending] = [make(TRIES), make(1)]
  let isClosed = false
  const refuseClosed = (): void => {
    if (isClosed) throw new Failure('broker-unavailable', 'the adapter is closed', { retryable: false })
  }
  return {
    async ask(call, signal) {
      refuseClosed()
      refuseAborted(signal)
      try {
        return await call(asking, { abortSignal: signal })
      } catch (error) {
        refuseAborted(signal)
        throw toSqsFailure(error)
      }
    },
    async once(call, signal) {
      refuseClosed()
      refuseAborted(signal)
      return call(sending, { abortSignal: signal })
    },
    close() {
      isClosed = true
      asking.destroy()
      sending.destroy()
    },
  }
}
