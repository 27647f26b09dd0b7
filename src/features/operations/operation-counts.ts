import { ITEM_STATES } from '#domain/operation/operation-state.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'

export type OperationDetail = RouterOutputs['operation']['get']
type Progress = OperationDetail['progress']

/** The counts that people see: `selected = confirmed + skipped + failed + quarantined + remaining`. */
export interface ShownCounts {
  readonly selected: number
  readonly confirmed: number
  readonly skipped: number
  readonly failed: number
  readonly quarantined: number
  readonly remaining: number
  /** Of the confirmed ones. */
  readonly processed: number
  readonly failedAgain: number
  readonly notSeen: number
  /** Confirmed, and nothing has told yet what became of them. */
  readonly awaited: number
  readonly inFlight: number
}

/** Adds the ledger's states and outcomes up; outcomes are only told of messages that were confirmed. */
export function countsOf({ itemStates, outcomes }: Progress): ShownCounts {
  const confirmed = itemStates.confirmed + itemStates.removed
  const known = outcomes.processed + outcomes['failed-again'] + outcomes['not-seen']
  return {
    selected: ITEM_STATES.reduce((sum, state) => sum + itemStates[state], 0),
    confirmed,
    skipped: itemStates.skipped,
    failed: itemStates.failed,
    quarantined: itemStates.quarantined,
    remaining: itemStates.pending + itemStates.claimed,
    processed: outcomes.processed,
    failedAgain: outcomes['failed-again'],
    notSeen: outcomes['not-seen'],
    awaited: Math.max(0, confirmed - known),
    inFlight: itemStates.claimed,
  }
}

/** When the rest will be sent at the present rate; null when nothing moves or nothing is left. */
export function remainingMs(counts: ShownCounts, ratePerSecond: number | null): number | null {
  if (ratePerSecond === null || ratePerSecond <= 0 || counts.remaining === 0) return null
  return (counts.remaining / ratePerSecond) * 1000
}
