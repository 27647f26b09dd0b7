import { describeSelectionChange, type SelectionChange } from '#domain/operation/selection-change.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'

/** What the database knows of a frozen selection that is to be discarded; the counts are messages. */
export interface DiscardFacts {
  /** Without those that were handled meanwhile. */
  readonly selectedCount: number
  readonly redrivenBeforeCount: number
  readonly orderKeyCount: number
  readonly payloadBytes: number
  readonly cutPayloadCount: number
  readonly firstExpiryAtMs: number | null
  readonly change: SelectionChange
}

export interface DiscardTerms {
  readonly plannedAtMs: number
  readonly ratePerSecond: number
  readonly source: string
  /** A queue, which can let go of single messages; else a log. */
  readonly canRemove: boolean
  readonly keepMs: number
}

const DAY_MS = 86_400_000

/** The dry run of a discard. `sendCount` counts what is discarded; there are no targets, as nothing is sent. */
export function draftDiscardPlan(facts: DiscardFacts, terms: DiscardTerms): RedrivePlan {
  const finishedAtMs = terms.plannedAtMs + (facts.selectedCount / terms.ratePerSecond) * 1_000
  const isLostFirst = facts.firstExpiryAtMs !== null && facts.firstExpiryAtMs < finishedAtMs
  return {
    plannedAtMs: terms.plannedAtMs,
    selectedCount: facts.selectedCount + facts.change.handledCount,
    sendCount: facts.selectedCount,
    skippedCount: facts.change.handledCount,
    quarantinedCount: 0,
    targets: [],
    exclusions: [],
    redrivenBeforeCount: facts.redrivenBeforeCount,
    orderKeyCount: facts.orderKeyCount,
    payloadBytes: facts.payloadBytes,
    cutPayloadCount: facts.cutPayloadCount,
    durationAtCapMs: Math.ceil((facts.selectedCount / terms.ratePerSecond) * 1_000),
    firstExpiryAtMs: facts.firstExpiryAtMs,
    confirmContract: describeDiscard(terms),
    warnings: [
      ...(isLostFirst
        ? ['At this rate the first messages are lost at their source before they are kept here; those fail as gaps.']
        : []),
      ...describeSelectionChange(facts.change),
    ],
  }
}

/** What "discarded" means at a place, in whole sentences. */
export function describeDiscard({ source, canRemove, keepMs }: DiscardTerms): string {
  const kept = `The whole message is kept here for ${Math.round(keepMs / DAY_MS)} days and can be restored until then.`
  return canRemove
    ? `${kept} After that is on disk, the job is removed from ${source}.`
    : `${kept} A log has no delete: in ${source} the message stays until its retention, and is hidden from the open list here.`
}
