import { performance } from 'node:perf_hooks'
import { reservePace } from '#domain/operation/pace.ts'
import { pauseFor } from '#engine/pause-for.ts'

/** The rate inside this process; the ledger's claim holds it against all others and over restarts. */
export interface Pacer {
  /** The cap, or what it yields down to. */
  readonly ratePerSecond: number
  /** From the next reservation on. */
  changeRate(ratePerSecond: number): void
  /** Waits until `count` messages may be claimed, or until the signal is aborted. */
  reserve(count: number, signal: AbortSignal): Promise<void>
}

/** `pacedForMs`: how long the rate is still used up from before. Runs on the monotonic clock. */
export function createPacer(initialRatePerSecond: number, pacedForMs: number): Pacer {
  let ratePerSecond = initialRatePerSecond
  let pacedUntilMs = performance.now() + pacedForMs
  return {
    get ratePerSecond() {
      return ratePerSecond
    },
    changeRate: (next) => {
      ratePerSecond = next
    },
    reserve: async (count, signal) => {
      const { waitMs, nextPacedUntilMs } = reservePace(pacedUntilMs, count, ratePerSecond, performance.now())
      pacedUntilMs = nextPacedUntilMs
      if (waitMs > 0) await pauseFor(waitMs, signal)
    },
  }
}
