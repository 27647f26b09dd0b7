import type { ItemOutcome } from '#domain/operation/operation-state.ts'

/** What one look has found out about a confirmed copy. */
export interface OutcomeEvidence {
  /** Deliveries of the copy to the group that counts: how many ended well, how many in an error. */
  readonly goodDeliveries: number
  readonly badDeliveries: number
  /** Where the deliveries were seen, for people: `payments`. */
  readonly deliveredTo: string | null
  /** The group that committed past the copy's position; null = none known to have. */
  readonly committedBy: string | null
  readonly sinceConfirmMs: number
}

export interface OutcomeLimits {
  /** A commit says "processed" only after this long without a failure or a return. */
  readonly commitGraceMs: number
  /** After this long with no sign at all the copy counts as not seen. */
  readonly notSeenAfterMs: number
}

export const OUTCOME_LIMITS: OutcomeLimits = { commitGraceMs: 15_000, notSeenAfterMs: 60_000 }

export interface OutcomeDecision {
  readonly outcome: ItemOutcome
  /** `span: ...`, `commit: ...`; a return is recorded where returns are found and is never overruled here. */
  readonly evidence: string
}

/**
 * What became of a copy, or null when nothing new can be said. A delivery that ended well beats failed ones (the
 * consumer tried again); a commit is believed only when nothing speaks against it; silence is "not seen", never success.
 */
export function decideOutcome(
  current: ItemOutcome,
  seen: OutcomeEvidence,
  limits: OutcomeLimits = OUTCOME_LIMITS,
): OutcomeDecision | null {
  const decided = weigh(seen, limits)
  if (decided === null || decided.outcome === current) return null
  if (decided.outcome === 'not-seen' && current !== 'unknown') return null
  return decided
}

function weigh(seen: OutcomeEvidence, limits: OutcomeLimits): OutcomeDecision | null {
  const where = seen.deliveredTo ?? 'a consumer'
  if (seen.goodDeliveries > 0) return { outcome: 'processed', evidence: `span: ${where} processed it` }
  if (seen.badDeliveries > 0) return { outcome: 'failed-again', evidence: `span: ${where} failed on it` }
  if (seen.committedBy !== null && seen.sinceConfirmMs >= limits.commitGraceMs) {
    return { outcome: 'processed', evidence: `commit: ${seen.committedBy} committed past it` }
  }
  if (seen.sinceConfirmMs >= limits.notSeenAfterMs) {
    return { outcome: 'not-seen', evidence: 'nothing was heard of it' }
  }
  return null
}
