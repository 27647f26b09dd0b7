import { performance } from 'node:perf_hooks'
import type { SendResult } from '#brokers/broker.ts'
import { closeClaim, keepClaimed } from '#db/store/claim-store.ts'
import { archiveMessages } from '#db/store/message-archive-store.ts'
import { confirmItems, settleItems, type Confirmation, type Settlement } from '#db/store/operation-ledger-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { TRY_WINDOW_MS } from '#domain/operation/breaker.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { printPosition } from '#domain/position.ts'
import { claimCopies } from '#engine/claim-copies.ts'
import { toArchive, type Copy } from '#engine/make-copies.ts'
import { recordCopies, type TimedSend } from '#engine/record-copies.ts'
import { removeFromSource } from '#engine/remove-from-source.ts'
import { takenOver, type SendScope } from '#engine/send-scope.ts'
import { withinHurry } from '#engine/within-hurry.ts'

const SEND_LIMIT_MS = 10_000
/** The breaker looks at this many answers of the destination. */
const ANSWERS_KEPT = 50

const TRIES_KEPT = 2_000

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
  await confirm(scope, claimId, outcome)
  await failpoint('confirmed')
  await removeFromSource(
    scope,
    outcome.confirmed.map((copy) => copy.item),
  )
  return { unsettled: outcome.unsettled, obstacle: outcome.obstacle, confirmedCount: outcome.confirmations.length }
}

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

interface SortedResults {
  readonly confirmed: Copy[]
  readonly confirmations: Confirmation[]
  readonly refusals: Settlement[]
  readonly unsettled: Copy[]
  obstacle: Failure | null
}

function sortResults(scope: SendScope, { copies, results }: TimedSend): SortedResults {
  const sorted: SortedResults = { confirmed: [], confirmations: [], refusals: [], unsettled: [], obstacle: null }
  for (const [at, copy] of copies.entries()) {
    const { item } = copy
    const result = results[at] ?? missingAnswer()
    if (result.outcome === 'confirmed') {
      const targetPosition = result.position === null ? null : printPosition(result.position)
      sorted.confirmed.push(copy)
      sorted.confirmations.push({ ordinal: item.ordinal, targetPosition })
    } else if (result.outcome === 'refused' && !result.failure.retryable) {
      const reason = `refused: ${result.failure.message}`
      sorted.refusals.push({ ordinal: item.ordinal, state: 'failed', reason })
      if (item.orderKey !== null) scope.heldKeys.add(item.orderKey)
    } else {
      sorted.unsettled.push({ ...copy, item: { ...item, state: 'claimed' } })
      sorted.obstacle ??= result.failure
    }
  }
  scope.latestAnswers.push(...sorted.confirmations.slice(-ANSWERS_KEPT).map(() => 'confirmed' as const))
  scope.latestAnswers.push(...sorted.refusals.slice(-ANSWERS_KEPT).map(() => 'refused' as const))
  scope.latestAnswers.splice(0, Math.max(0, scope.latestAnswers.length - ANSWERS_KEPT))
  rememberTry(scope, sorted.obstacle)
  return sorted
}

function rememberTry({ tries }: SendScope, obstacle: Failure | null): void {
  const nowMs = performance.now()
  tries.push({ atMs: nowMs, pushback: obstacle?.message ?? null, isThrottled: obstacle?.code === 'limit' })
  const kept = tries.findIndex((one) => nowMs - one.atMs <= TRY_WINDOW_MS)
  tries.splice(0, Math.max(kept, tries.length - TRIES_KEPT, 0))
}

const missingAnswer = (): SendResult => ({
  outcome: 'unknown',
  failure: new Failure('outcome-unknown', 'the adapter gave no answer for this message'),
})

/** All answers of a batch, in one transaction: its claim is gone when, and only when, they are on record. */
async function confirm(scope: SendScope, claimId: number, outcome: SortedResults): Promise<void> {
  const { context, fence, broker, operation } = scope
  const isRemovedToo = broker.deadLetters?.remove === undefined
  await context.client.database.transaction(async (transaction) => {
    const claimedAt = await closeClaim(transaction, fence, claimId)
    if (claimedAt === null) throw takenOver(fence)
    if (operation.edit !== null) {
      const originals = outcome.confirmed.flatMap(toArchive)
      await archiveMessages(transaction, fence, originals, { isLogPlace: isRemovedToo, keepMs: ARCHIVE_KEEP_MS })
    }
    const confirmed = await confirmItems(transaction, fence, outcome.confirmations, { isRemovedToo, claimedAt })
    const settled = await settleItems(transaction, fence, outcome.refusals)
    if (confirmed + settled !== outcome.confirmations.length + outcome.refusals.length) throw takenOver(fence)
    const unknown = outcome.unsettled.map((copy) => copy.item.ordinal)
    await keepClaimed(transaction, fence, unknown, claimedAt)
    await context.failpoint('confirming')
  })
}
