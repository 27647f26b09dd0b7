import { closeClaim } from '#db/store/claim-store.ts'
import { archiveMessages, confirmDiscarded } from '#db/store/message-archive-store.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { claimCopies } from '#engine/claim-copies.ts'
import { toArchive, type Copy } from '#engine/make-copies.ts'
import { removeFromSource } from '#engine/remove-from-source.ts'
import type { BatchResult } from '#engine/send-batch.ts'
import { takenOver, type SendScope } from '#engine/send-scope.ts'

/**
 * The write protocol for a discard, with the same edges as for a copy that is sent: claim (durable) -> the whole message
 * in our archive and the dead letter marked, in one transaction under the fencing token -> removed at the source where it
 * is a queue. A crash in between loses nothing: what is not archived still lies there, and archiving twice is archiving
 * once.
 *
 * @throws Failure when another holder has taken over, or the database does not answer
 */
export async function discardBatch(scope: SendScope, copies: readonly Copy[]): Promise<BatchResult> {
  const { context, fence, broker } = scope
  await context.failpoint('picked')
  if (copies.length === 0) return { unsettled: [], obstacle: null, confirmedCount: 0 }
  const claimId = await claimCopies(scope, copies)
  if (claimId === null) return { unsettled: copies, obstacle: null, confirmedCount: 0 }
  await context.failpoint('claimed')
  await context.client.database.transaction(async (transaction) => {
    const claimedAt = await closeClaim(transaction, fence, claimId)
    if (claimedAt === null) throw takenOver(fence)
    const isLogPlace = broker.deadLetters?.remove === undefined
    await archiveMessages(transaction, fence, copies.flatMap(toArchive), { isLogPlace, keepMs: ARCHIVE_KEEP_MS })
    const ordinals = copies.map((copy) => copy.item.ordinal)
    const settled = await confirmDiscarded(transaction, fence, ordinals, { isLogPlace, claimedAt })
    if (settled !== copies.length) throw takenOver(fence)
    await context.failpoint('confirming')
  })
  await context.failpoint('confirmed')
  await removeFromSource(
    scope,
    copies.map((copy) => copy.item),
  )
  return { unsettled: [], obstacle: null, confirmedCount: copies.length }
}
