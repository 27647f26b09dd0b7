import type { ItemOutcome, ItemState } from '#domain/operation/operation-state.ts'

/** Where the items of an operation are. `selected = confirmed + skipped + failed + quarantined + remaining`, always. */
export interface OperationCounts {
  readonly selected: number
  /** With the broker's proof: states `confirmed` and `removed`. */
  readonly confirmed: number
  readonly skipped: number
  readonly failed: number
  readonly quarantined: number
  /** Not yet settled: states `pending` and `claimed`. */
  readonly remaining: number
  /** Sends beyond the first of their item: each may have left a marked duplicate. */
  readonly repeatedSends: number
  /** What became of the confirmed ones; sums to `confirmed`. */
  readonly outcomes: Readonly<Record<ItemOutcome, number>>
}

export interface ItemTally {
  readonly state: ItemState
  readonly outcome: ItemOutcome
  readonly count: number
  readonly repeatedSends: number
}

/** Adds tallies by state and outcome up to the counts that people see. */
export function countItems(tallies: readonly ItemTally[]): OperationCounts {
  const sum = (states: readonly ItemState[], outcome?: ItemOutcome): number =>
    tallies
      .filter((tally) => states.includes(tally.state) && (outcome === undefined || tally.outcome === outcome))
      .reduce((total, tally) => total + tally.count, 0)
  const proven: readonly ItemState[] = ['confirmed', 'removed']
  return {
    selected: tallies.reduce((total, tally) => total + tally.count, 0),
    confirmed: sum(proven),
    skipped: sum(['skipped']),
    failed: sum(['failed']),
    quarantined: sum(['quarantined']),
    remaining: sum(['pending', 'claimed']),
    repeatedSends: tallies.reduce((total, tally) => total + tally.repeatedSends, 0),
    outcomes: {
      unknown: sum(proven, 'unknown'),
      processed: sum(proven, 'processed'),
      'failed-again': sum(proven, 'failed-again'),
      'not-seen': sum(proven, 'not-seen'),
    },
  }
}

/** Whether nothing was lost or counted twice: what was planned is exactly what is accounted for. */
export function isConserved(itemCount: number, counts: OperationCounts): boolean {
  const settled = counts.confirmed + counts.skipped + counts.failed + counts.quarantined
  return counts.selected === itemCount && settled + counts.remaining === itemCount
}
