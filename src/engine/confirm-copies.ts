import { closeClaim, keepClaimed } from '#db/store/claim-store.ts'
import { archiveMessages } from '#db/store/message-archive-store.ts'
import { confirmItems, settleItems } from '#db/store/operation-ledger-store.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { toArchive } from '#engine/make-copies.ts'
import { takenOver, type SendScope } from '#engine/send-scope.ts'
import type { SortedResults } from '#engine/sort-results.ts'

/**
 * All answers of a batch, in one transaction: its claim is gone when, and only when, they are on record. Without a claim
 * they are about copies of an earlier send, which are not counted again.
 *
 * @returns when the claim was made, in ms since the epoch of the database's clock; null without a claim
 * @throws Failure when another holder has taken over
 */
export async function confirmCopies(
  scope: SendScope,
  claimId: number | null,
  outcome: SortedResults,
): Promise<number | null> {
  const { context, fence, broker, operation } = scope
  const isRemovedToo = broker.deadLetters?.remove === undefined
  const isLocking = operation.edit !== null || outcome.refusals.length > 0
  return context.client.database.transaction(async (transaction) => {
    const claimedAt = claimId === null ? null : await closeClaim(transaction, fence, claimId, { isLocking })
    if (claimId !== null && claimedAt === null) throw takenOver(fence)
    if (operation.edit !== null) {
      const originals = outcome.confirmed.flatMap(toArchive)
      await archiveMessages(transaction, fence, originals, { isLogPlace: isRemovedToo, keepMs: ARCHIVE_KEEP_MS })
    }
    const confirmed = await confirmItems(transaction, fence, outcome.confirmations, { isRemovedToo, claimedAt })
    const settled = await settleItems(transaction, fence, outcome.refusals)
    if (confirmed + settled !== outcome.confirmations.length + outcome.refusals.length) throw takenOver(fence)
    const unknown = outcome.unsettled.map((copy) => copy.item.ordinal)
    if (claimedAt !== null) await keepClaimed(transaction, fence, unknown, claimedAt)
    await context.failpoint('confirming')
    return claimedAt?.getTime() ?? null
  })
}
