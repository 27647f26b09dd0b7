import { MAX_FAILED_SHARE } from '#domain/operation/canary.ts'

/** Outcomes that became known within {@link BREAKER_WINDOW_MS}. */
export interface OutcomeWindow {
  readonly processed: number
  readonly failedAgain: number
}

/** How deliveries on a target ended within a window, by whatever group, as spans tell. */
export interface DeliveryWindow {
  readonly receivedCount: number
  readonly errorCount: number
}

/** One call of the destination: whether it took what it was given, and when that was known (any clock that only rises). */
export interface SendTry {
  readonly atMs: number
  /** Why it did not, in words; null when it did. */
  readonly pushback: string | null
  /** It said that it gets too much, rather than that it is not there. */
  readonly isThrottled: boolean
}

export const BREAKER_WINDOW_MS = 30_000
/** Fewer outcomes than this say nothing yet. */
const MIN_OUTCOMES = 10
const MIN_REFUSALS = 10
const MIN_DELIVERIES = 20
const MAX_ERROR_SHARE = 0.25
/** A destination that was away for less has only hiccuped. */
export const TRY_WINDOW_MS = 60_000
const MIN_TRY_SPAN_MS = 45_000
const MIN_TRIES = 10

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

/**
 * Why an operation has to stop by how all deliveries on a target end, live traffic included: many failures, and at least
 * twice the share of `before` (the time before it began to send). null = go on.
 */
export function judgeDeliveries(destination: string, now: DeliveryWindow, before: DeliveryWindow): string | null {
  if (now.receivedCount < MIN_DELIVERIES) return null
  const share = now.errorCount / now.receivedCount
  const shareBefore = before.receivedCount === 0 ? 0 : before.errorCount / before.receivedCount
  if (share <= Math.max(MAX_ERROR_SHARE, 2 * shareBefore)) return null
  const known =
    before.receivedCount === 0 ? 'nothing is known of the time before' : `${percent(shareBefore)} before the start`
  return `breaker: on ${destination} ${percent(share)} of the latest ${Math.round(now.receivedCount)} deliveries failed (${known})`
}

/** Why an operation has to stop by a destination that keeps turning calls away (throttled, overloaded); null = go on. */
export function judgeTries(tries: readonly SendTry[], nowMs: number): string | null {
  const recent = tries.filter((one) => nowMs - one.atMs <= TRY_WINDOW_MS)
  const [first] = recent
  if (first === undefined || nowMs - first.atMs < MIN_TRY_SPAN_MS) return null
  const turnedAway = recent.filter((one) => one.pushback !== null)
  if (turnedAway.length < MIN_TRIES || turnedAway.length * 2 <= recent.length) return null
  return `breaker: the destination turned away ${turnedAway.length} of the last ${recent.length} tries: ${turnedAway.at(-1)?.pushback}`
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
