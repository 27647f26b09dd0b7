import { performance } from 'node:perf_hooks'
import type { SendResult } from '#brokers/broker.ts'
import { settleItems } from '#db/store/operation-ledger-store.ts'
import { type Failure, toFailure } from '#domain/failure.ts'
import { claimCopies } from '#engine/claim-copies.ts'
import { confirmCopies } from '#engine/confirm-copies.ts'
import type { Copy } from '#engine/make-copies.ts'
import { recordCopies, type TimedSend } from '#engine/record-copies.ts'
import { removeFromSource } from '#engine/remove-from-source.ts'
import type { SendScope } from '#engine/send-scope.ts'
import { sortResults, type SortedResults } from '#engine/sort-results.ts'
import { withinHurry } from '#engine/within-hurry.ts'

const SEND_LIMIT_MS = 10_000

export interface BatchResult {
  /** Not settled, because the answer is unknown, the destination was away or the scope stops: try these again. */
  readonly unsettled: readonly Copy[]
  /** Why; null when nothing is unsettled, or when only the scope's stop is the reason. */
  readonly obstacle: Failure | null
  readonly confirmedCount: number
}

/**
 * The write protocol for some copies, in its order: claim (durable) -> send -> the broker's proof -> confirmed under the
 * fencing token -> removed at the source. Whatever ends the process in between, the ledger tells the next holder what
 * may have been sent already.
 *
 * @throws Failure when another holder has taken over, or the database does not answer
 */
export async function sendBatch(scope: SendScope, batch: readonly Copy[]): Promise<BatchResult> {
  const { failpoint } = scope.context
  const copies = await holdBack(scope, batch)
  await failpoint('picked')
  if (copies.length === 0) return { unsettled: [], obstacle: null, confirmedCount: 0 }
  const claimId = await claimCopies(scope, copies)
  if (claimId === null) return { unsettled: copies, obstacle: null, confirmedCount: 0 }
  await failpoint('claimed')
  const send = await sendTimed(scope, copies)
  await failpoint('sent')
  await recordCopies(scope, send)
  const outcome = sortResults(scope, send)
  const claimedAtMs = await confirmCopies(scope, claimId, outcome)
  await failpoint('confirmed')
  await removeFromSource(
    scope,
    outcome.confirmed.map((copy) => copy.item),
  )
  return {
    unsettled: outcome.unsettled.map((copy) => noteDoubt(copy, outcome, claimedAtMs)),
    obstacle: outcome.obstacle,
    confirmedCount: outcome.confirmations.length,
  }
}

/** Of what may have arrived, since when; what was turned away for now has certainly not. */
const noteDoubt = (copy: Copy, { doubtful }: SortedResults, claimedAtMs: number | null): Copy =>
  doubtful.has(copy) ? { ...copy, item: { ...copy.item, claimedAtMs: copy.item.claimedAtMs ?? claimedAtMs } } : copy

/** Without those whose key has a refused message ahead of them. What may have been sent already is seen through. */
async function holdBack(scope: SendScope, batch: readonly Copy[]): Promise<readonly Copy[]> {
  const isHeld = ({ item }: Copy): boolean =>
    item.state === 'pending' && item.orderKey !== null && scope.heldKeys.has(item.orderKey)
  const reason = 'held back: an earlier message of its key was refused'
  const held = batch.filter(isHeld).map(({ item }) => ({ ordinal: item.ordinal, state: 'failed' as const, reason }))
  if (held.length === 0) return batch
  await settleItems(scope.context.client.database, scope.fence, held)
  return batch.filter((copy) => !isHeld(copy))
}

async function sendTimed(scope: SendScope, copies: readonly Copy[]): Promise<TimedSend> {
  const startUs = Date.now() * 1_000
  const started = performance.now()
  const signal = AbortSignal.any([scope.lost, scope.hurry, AbortSignal.timeout(SEND_LIMIT_MS)])
  const outgoing = copies.map((copy) => copy.outgoing)
  const [results] = await Promise.all([
    // Not every client heeds a signal at once; what it still does after that is a copy under the same mark.
    withinHurry(scope, scope.broker.send.send(outgoing, signal)).catch((error: unknown) =>
      allUnknown(outgoing.length, toFailure(error)),
    ),
    scope.context.failpoint('sending'),
  ])
  return { copies, results, startUs, durationUs: Math.round((performance.now() - started) * 1_000) }
}

/** A send that failed as a whole may still have arrived in part. */
const allUnknown = (count: number, failure: Failure): readonly SendResult[] =>
  Array.from({ length: count }, () => ({ outcome: 'unknown' as const, failure }))
