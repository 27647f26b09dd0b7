import { MAX_FAILED_SHARE } from '#domain/operation/canary.ts'

/** Outcomes that became known within {@link BREAKER_WINDOW_MS}. */
export interface OutcomeWindow {
  readonly processed: number
  readonly failedAgain: number
}

export const BREAKER_WINDOW_MS = 30_000
/** Fewer outcomes than this say nothing yet. */
const MIN_OUTCOMES = 10
const MIN_REFUSALS = 10

/** Why an operation has to stop by what became of its copies; null = go on. */
export function judgeOutcomes(window: OutcomeWindow): string | null {
  const known = window.processed + window.failedAgain
  if (known < MIN_OUTCOMES || window.failedAgain <= known * MAX_FAILED_SHARE) return null
  return `breaker: of the last ${known} outcomes ${window.failedAgain} failed again`
}

/** Why an operation has to stop by what its latest sends answered, oldest first; null = go on. */
export function judgeSends(latest: readonly ('confirmed' | 'refused')[]): string | null {
  const refused = latest.filter((answer) => answer === 'refused').length
  if (refused < MIN_REFUSALS || refused * 2 <= latest.length) return null
  return `breaker: of the last ${latest.length} messages the destination refused ${refused}`
}
