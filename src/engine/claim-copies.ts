import { claimItems } from '#db/store/operation-ledger-store.ts'
import { Failure } from '#domain/failure.ts'
import type { Copy } from '#engine/make-copies.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { takenOver, type SendScope } from '#engine/send-scope.ts'

/**
 * Makes it durable that these are about to be worked on, within the rate cap. False when the scope stops before the cap
 * allows it.
 *
 * @throws Failure when another holder has taken over
 */
export async function claimCopies(scope: SendScope, copies: readonly Copy[]): Promise<boolean> {
  const { context, fence, pacer, operation } = scope
  const ordinals = copies.map((copy) => copy.item.ordinal)
  await pacer.reserve(copies.length, scope.stop)
  while (!scope.stop.aborted && !scope.lost.aborted) {
    const result = await context.client.database.transaction(async (transaction) => {
      const claimed = await claimItems(transaction, fence, ordinals, operation.ratePerSecond)
      await context.failpoint('claiming')
      return claimed
    })
    if (result === null || result.token !== fence.token) throw takenOver(fence)
    if (result.claimed.length === copies.length) return true
    if (result.intent !== 'run') scope.halt()
    else if (result.pacedForMs > 0 && result.claimed.length === 0) await pauseFor(result.pacedForMs, scope.stop)
    else throw new Failure('internal', 'items that were to be claimed are settled already')
  }
  return false
}
