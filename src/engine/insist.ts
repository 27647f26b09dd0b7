import { performance } from 'node:perf_hooks'
import { Failure } from '#domain/failure.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { isTakenOver, type SendScope } from '#engine/send-scope.ts'

/** How long a broker may stay away before the operation pauses. */
const PATIENCE_MS = 60_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

export interface Attempt {
  readonly isDone: boolean
  /** Something was achieved: patience begins anew. */
  readonly hasAdvanced: boolean
  /** What stands in the way; null to try again at once. */
  readonly obstacle: Failure | null
}

/**
 * Tries until it is done or the scope stops, ever more slowly while a broker stands in the way; when that takes too
 * long, or the obstacle cannot pass by itself, the operation pauses with the reason.
 *
 * @throws what is no obstacle of a broker's: a takeover, a database that does not answer, a defect
 */
export async function insist(scope: SendScope, attempt: () => Promise<Attempt>): Promise<void> {
  let retryMs = FIRST_RETRY_MS
  let stuckSince = performance.now()
  while (!scope.stop.aborted) {
    const { isDone, hasAdvanced, obstacle } = await attempt().catch((error: unknown) => toAttempt(scope, error))
    if (isDone) return
    if (hasAdvanced) {
      stuckSince = performance.now()
      retryMs = FIRST_RETRY_MS
    }
    if (obstacle === null) continue
    if (!obstacle.retryable) scope.trip(obstacle.message)
    if (performance.now() - stuckSince > PATIENCE_MS) scope.trip(`no progress: ${obstacle.message}`)
    await pauseFor(retryMs, scope.stop)
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
  }
}

function toAttempt(scope: SendScope, error: unknown): Attempt {
  // Given up because of the stop itself, as whoever was asked puts it.
  if (scope.hurry.aborted && !scope.lost.aborted && isGivenUp(scope, error)) return NOTHING
  const isObstacle = error instanceof Failure && error.code !== 'internal' && !isTakenOver(error)
  if (!isObstacle || scope.lost.aborted) throw error
  return { isDone: false, hasAdvanced: false, obstacle: error }
}

const NOTHING: Attempt = { isDone: false, hasAdvanced: false, obstacle: null }

const isGivenUp = ({ hurry }: SendScope, error: unknown): boolean =>
  error === hurry.reason || (error instanceof Failure && !isTakenOver(error))
