import { pause } from '#collector/pause.ts'
import type { Database } from '#db/client.ts'
import { listCorrelationRules } from '#db/store/correlation-store.ts'
import { compileRules, type CorrelationRules, NO_CORRELATION_RULES } from '#domain/trace/correlation-rule.ts'
import { toFailure } from '#domain/failure.ts'
import type { Log } from '#log.ts'

/** The rules as they are now; whoever applies them asks anew for every request or page. */
export interface CorrelationInForce {
  readonly rules: CorrelationRules
}

export const CONVENTIONS_ALONE: CorrelationInForce = { rules: NO_CORRELATION_RULES }

/** How long a change takes to reach what comes in. */
const LOOK_EVERY_MS = 2_000

/**
 * Reads the rules and keeps them as people change them, without a restart. While the database does not answer, those
 * that were read last stay in force.
 */
export async function watchCorrelationRules(
  database: Database,
  log: Log,
  everyMs = LOOK_EVERY_MS,
): Promise<CorrelationInForce & { stop(): Promise<void> }> {
  const stopping = new AbortController()
  const first = await listCorrelationRules(database)
  const inForce = { rules: compileRules(first) }
  let known = JSON.stringify(first)
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await pause(everyMs, stopping.signal)
      if (stopping.signal.aborted) return
      try {
        const read = await listCorrelationRules(database)
        const words = JSON.stringify(read)
        if (words === known) continue
        known = words
        inForce.rules = compileRules(read)
        log.info({ count: read.length }, 'correlation rules changed')
      } catch (error) {
        log.warn({ reason: toFailure(error).message }, 'correlation rules could not be read; the known ones stay')
      }
    }
  }
  const work = watch()
  return Object.assign(inForce, {
    stop: async () => {
      stopping.abort()
      await work
    },
  })
}
