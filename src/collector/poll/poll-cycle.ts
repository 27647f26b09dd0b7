import { performance } from 'node:perf_hooks'
import type { MeasuredCycle, PollKind } from '#db/store/poll-cycle-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'

/** What one cycle found. `partial` has a reason; the adapter says "unknown, because ..." instead of failing. */
export interface CycleResult {
  readonly itemCount: number
  /** What could not be read, in words; empty when everything was. */
  readonly reasons: readonly string[]
}

export type FinishedCycle = Omit<MeasuredCycle, 'clusterId'>

/** More reasons than this are counted, not listed. */
const MAX_REASONS = 3

/**
 * Runs one cycle and measures it. It ends at `limitMs` at the latest, also when the adapter ignores its signal: a broker
 * that hangs must not hold up anything else. Never rejects.
 */
export async function runCycle(
  kind: PollKind,
  limitMs: number,
  stop: AbortSignal,
  cycle: (signal: AbortSignal) => Promise<CycleResult>,
): Promise<FinishedCycle> {
  const startedAtMs = Date.now()
  const began = performance.now()
  const finish = (rest: Pick<FinishedCycle, 'outcome' | 'reason' | 'itemCount'>): FinishedCycle => ({
    kind,
    startedAtMs,
    durationMs: performance.now() - began,
    ...rest,
  })
  try {
    const { itemCount, reasons } = await withinLimit(limitMs, stop, cycle)
    return finish({ outcome: reasons.length === 0 ? 'ok' : 'partial', reason: summarise(reasons), itemCount })
  } catch (error) {
    return finish({ outcome: 'failed', reason: toFailure(error).message, itemCount: 0 })
  }
}

async function withinLimit(
  limitMs: number,
  stop: AbortSignal,
  cycle: (signal: AbortSignal) => Promise<CycleResult>,
): Promise<CycleResult> {
  const own = new AbortController()
  const tooLate = new Failure('broker-unavailable', `no answer within ${limitMs / 1_000} s`)
  const timer = setTimeout(() => own.abort(tooLate), limitMs)
  const forward = () => own.abort(stop.reason)
  stop.addEventListener('abort', forward, { once: true })
  if (stop.aborted) forward()
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      const refuse = () => reject(toFailure(own.signal.reason))
      if (own.signal.aborted) refuse()
      own.signal.addEventListener('abort', refuse, { once: true })
    })
    const work = cycle(own.signal)
    // Whatever the loser of the race says later has already been answered for.
    work.catch(() => undefined)
    aborted.catch(() => undefined)
    return await Promise.race([work, aborted])
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', forward)
  }
}

function summarise(reasons: readonly string[]): string | null {
  if (reasons.length === 0) return null
  const listed = [...new Set(reasons)]
  const more = listed.length > MAX_REASONS ? `; and ${listed.length - MAX_REASONS} more` : ''
  return `${listed.slice(0, MAX_REASONS).join('; ')}${more}`
}
