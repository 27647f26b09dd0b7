import { claimItems } from '#db/store/claim-store.ts'
import type { Copy } from '#engine/make-copies.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { takenOver, type SendScope } from '#engine/send-scope.ts'

/**
 * Makes it durable that these are about to be worked on, within the rate.
 *
 * @returns the claim; null when the scope stops before the rate allows it
 * @throws Failure when another holder has taken over
 */
export async function claimCopies(scope: SendScope, copies: readonly Copy[]): Promise<number | null> {
  const { context, fence, pacer } = scope
  const ordinals = copies.map((copy) => copy.item.ordinal)
  await pacer.reserve(copies.length, scope.stop)
  while (!scope.stop.aborted && !scope.lost.aborted) {
    const result = await context.client.database.transaction(async (transaction) => {
      const claimed = await claimItems(transaction, fence, ordinals, pacer.ratePerSecond)
      await context.failpoint('claiming')
      return claimed
    })
    if (result === null || result.token !== fence.token) throw takenOver(fence)
    if (result.claimId !== null) return result.claimId
    if (result.intent !== 'run') scope.halt()
    else await pauseFor(Math.max(1, result.pacedForMs), scope.stop)
  }
  return null
}
