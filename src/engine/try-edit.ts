import { GAP } from '#db/store/operation-ledger-store.ts'
import { leaveItemsOut, type StoredItem } from '#db/store/edit-plan-store.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import { editMessage } from '#domain/edit/edit-message.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import { toFailure } from '#domain/failure.ts'
import type { PlannedEdit } from '#domain/operation/redrive-plan.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'
import { readPlannedPayloads } from '#engine/read-planned-payloads.ts'

/**
 * The dry run of an edit: tries it on every message of the manifest, and leaves those out that it does not fit.
 *
 * @throws Failure `broker-unavailable` and the like: then it is tried again
 */
export async function tryEdit(draft: PlanDraft, steps: readonly EditStep[]): Promise<PlannedEdit> {
  let [changedCount, unchangedCount] = [0, 0]
  for await (const part of readPlannedPayloads(draft, 'trying the edit')) {
    const unfit: { ordinal: number; reason: string }[] = []
    for (const { item, payload } of part) {
      const tried = payload === undefined ? `${GAP}gone at the source before it was sent` : tryOn(item, payload, steps)
      if (typeof tried === 'string') unfit.push({ ordinal: item.ordinal, reason: tried })
      else if (tried > 0) changedCount += 1
      else unchangedCount += 1
    }
    await leaveItemsOut(draft.database, draft.fence, unfit)
  }
  return { changedCount, unchangedCount }
}

/** How many places it changes, or why it does not fit. */
function tryOn(item: StoredItem, payload: Uint8Array | null, steps: readonly EditStep[]): number | string {
  try {
    const headers = stripFailureHeaders(item.headers.map(readStoredHeader), item.dialect)
    return editMessage({ headers, payload }, steps).changes.length
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code !== 'invalid') throw error
    return `the edit does not fit: ${failure.message}`
  }
}
