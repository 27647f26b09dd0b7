import type pg from 'pg'
import { pause } from '#collector/pause.ts'
import type { Log } from '#log.ts'

/** How long to wait before try `attempt` (0, 1, ...): doubles from 250 ms to 5 s. */
export function backOffMs(attempt: number): number {
  return Math.min(5_000, 250 * 2 ** Math.min(attempt, 10))
}

/**
 * Resolves when Postgres answers and the schema is there; says so while it waits, and never gives up: the database may
 * be on its way, and a collector that exits would only be started again.
 *
 * @returns false when `signal` ended the wait.
 */
export async function waitForDatabase(pool: pg.Pool, log: Log, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await pool.query('select 1 from lease limit 1')
      return true
    } catch (error) {
      const waitMs = backOffMs(attempt)
      log.warn({ reason: error instanceof Error ? error.message : String(error), waitMs }, 'waiting for Postgres')
      await pause(waitMs, signal)
    }
  }
  return false
}
