import { Failure } from '#domain/failure.ts'

const abortFailure = (signal: AbortSignal): Failure =>
  new Failure('internal', 'the call on the broker was given up by its caller', {
    retryable: true,
    cause: signal.reason,
  })

/** @throws Failure `internal`, retryable, once the caller has given up. */
export function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortFailure(signal)
}

/**
 * Waits for the promise or the signal, whichever comes first. The work itself goes on; its late answer is dropped.
 * @throws Failure `internal`, retryable, when the caller gave up first
 */
export async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  if (signal.aborted) {
    // Nobody waits for the promise any more, and its failure must not count as unhandled.
    promise.catch(() => undefined)
    throw abortFailure(signal)
  }
  let giveUp = (): void => undefined
  const given = new Promise<never>((_, reject) => {
    giveUp = () => reject(abortFailure(signal))
    signal.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([promise, given])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
