import { performance } from 'node:perf_hooks'
import { reservePace } from '#domain/operation/pace.ts'
import { pauseFor } from '#engine/pause-for.ts'

/** The cap inside this process; the ledger's claim holds it against all others and over restarts. */
export interface Pacer {
  /** Waits until `count` messages may be claimed, or until the signal is aborted. */
  reserve(count: number, signal: AbortSignal): Promise<void>
}

/** `pacedForMs`: how long the cap is still used up from before. Runs on the monotonic clock. */
export function createPacer(ratePerSecond: number, pacedForMs: number): Pacer {
  let pacedUntilMs = performance.now() + pacedForMs
  return {
    reserve: async (count, signal) => {
      const { waitMs, nextPacedUntilMs } = reservePace(pacedUntilMs, count, ratePerSecond, performance.now())
      pacedUntilMs = nextPacedUntilMs
      if (waitMs > 0) await pauseFor(waitMs, signal)
    },
  }
}
