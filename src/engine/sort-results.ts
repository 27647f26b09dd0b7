import { performance } from 'node:perf_hooks'
import type { SendResult } from '#brokers/broker.ts'
import type { Confirmation, Settlement } from '#db/store/operation-ledger-store.ts'
import { Failure } from '#domain/failure.ts'
import { TRY_WINDOW_MS } from '#domain/operation/breaker.ts'
import { printPosition } from '#domain/position.ts'
import type { Copy } from '#engine/make-copies.ts'
import type { TimedSend } from '#engine/record-copies.ts'
import type { SendScope } from '#engine/send-scope.ts'

/** The breaker looks at this many answers of the destination. */
const ANSWERS_KEPT = 50
const TRIES_KEPT = 2_000

/** What the broker answered for each copy of a batch, as the ledger takes it. */
export interface SortedResults {
  readonly confirmed: Copy[]
  readonly confirmations: Confirmation[]
  readonly refusals: Settlement[]
  readonly unsettled: Copy[]
  /** Of the unsettled, those that may have arrived. */
  readonly doubtful: Set<Copy>
  obstacle: Failure | null
}

/** Sorts the answers, and remembers the latest for the breaker. A refused message holds back the later ones of its key. */
export function sortResults(scope: SendScope, { copies, results }: TimedSend): SortedResults {
  const sorted: SortedResults = {
    confirmed: [],
    confirmations: [],
    refusals: [],
    unsettled: [],
    doubtful: new Set(),
    obstacle: null,
  }
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
      const unsettled: Copy = { ...copy, item: { ...item, state: 'claimed' } }
      sorted.unsettled.push(unsettled)
      if (result.outcome === 'unknown') sorted.doubtful.add(unsettled)
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
