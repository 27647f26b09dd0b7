import { performance } from 'node:perf_hooks'
import { readOperation } from '#db/store/operation-store.ts'
import { tallyOutcomes } from '#db/store/operation-outcome-store.ts'
import { toFailure } from '#domain/failure.ts'
import { BREAKER_WINDOW_MS, judgeOutcomes, judgeSends, judgeTries } from '#domain/operation/breaker.ts'
import { pauseFor } from '#engine/pause-for.ts'
import type { SendScope } from '#engine/send-scope.ts'

/** A wish takes effect within this and one batch: well below the promised two seconds. */
const LOOK_EVERY_MS = 500

/**
 * Beside the sending: heeds what people want and what the breaker sees, until `done`. A look that fails is no reason
 * to stop: every claim asks the database again anyway.
 */
export async function supervise(scope: SendScope, done: AbortSignal): Promise<void> {
  const { database } = scope.context.client
  while (!done.aborted && !scope.stop.aborted) {
    try {
      const row = await readOperation(database, scope.operation.id)
      if (row === null || row.intent !== 'run' || row.fencingToken !== scope.fence.token) return scope.halt()
      const window = await tallyOutcomes(database, scope.operation.id, BREAKER_WINDOW_MS)
      const reason =
        judgeSends(scope.latestAnswers) ??
        judgeTries(scope.tries, performance.now()) ??
        (row.state === 'running' ? judgeOutcomes(window) : null)
      if (reason !== null) return scope.trip(reason)
    } catch (error) {
      scope.context.log.warn({ operationId: scope.operation.id, reason: toFailure(error).message }, 'a look failed')
    }
    await nextLook(scope, done)
  }
}

async function nextLook({ context, operation }: SendScope, done: AbortSignal): Promise<void> {
  const asked = new AbortController()
  const hear = (): void => asked.abort()
  context.wishes.once(operation.id, hear)
  await pauseFor(LOOK_EVERY_MS, AbortSignal.any([done, asked.signal]))
  context.wishes.off(operation.id, hear)
}
