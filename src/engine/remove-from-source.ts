import { markRemoved, readLedgerPage, type LedgerItem } from '#db/store/operation-ledger-store.ts'
import type { DeadLetterFacet, SettleResult } from '#brokers/broker.ts'
import { toFailure } from '#domain/failure.ts'
import { parsePosition, type Position } from '#domain/position.ts'
import type { SendScope } from '#engine/send-scope.ts'
import { withinHurry } from '#engine/within-hurry.ts'

const REMOVE_LIMIT_MS = 10_000
const PAGE = 500

/**
 * Lets the source go of confirmed items and records it. What the source does not let go of stays `confirmed`; it is
 * never sent again, and tried once more when the operation winds up.
 */
export async function removeFromSource(scope: SendScope, items: readonly LedgerItem[]): Promise<void> {
  const { context, broker, fence } = scope
  const remove = broker.deadLetters?.remove
  if (items.length === 0) return
  if (remove === undefined) {
    // A log place: confirming was all. The edges are still passed, so that every adapter is tried at each of them.
    await context.failpoint('removing')
    await context.failpoint('removed')
    return
  }
  const positioned = items.flatMap((item) => {
    const position = parsePosition(item.sourcePosition)
    return position === null ? [] : [{ item, position }]
  })
  const results = await removeOrReport(
    scope,
    remove,
    positioned.map(({ position }) => position),
  )
  await context.failpoint('removing')
  const gone = positioned.filter((_, at) => results[at]?.outcome === 'done' || results[at]?.outcome === 'already-gone')
  await markRemoved(
    context.client.database,
    fence,
    gone.map(({ item }) => item.ordinal),
  )
  await context.failpoint('removed')
}

/** The copies are confirmed already, so a source that does not answer is no reason to stop: it is asked again later. */
async function removeOrReport(
  scope: SendScope,
  remove: NonNullable<DeadLetterFacet['remove']>,
  positions: readonly Position[],
): Promise<readonly SettleResult[]> {
  const { log } = scope.context
  const operationId = scope.operation.id
  try {
    const signal = AbortSignal.any([scope.lost, scope.hurry, AbortSignal.timeout(REMOVE_LIMIT_MS)])
    const results = await withinHurry(scope, remove(scope.operation.source, positions, signal))
    const failed = results.find((result) => result.outcome === 'failed')
    if (failed?.outcome === 'failed') {
      log.warn({ operationId, reason: failed.failure.message }, 'the source keeps what was sent')
    }
    return results
  } catch (error) {
    const failure = toFailure(error)
    log.warn({ operationId, reason: failure.message }, 'the source did not answer a removal')
    return positions.map(() => ({ outcome: 'failed', failure }))
  }
}

/** Removes what earlier holders confirmed and did not come to remove. Nothing is sent. */
export async function removeLeftovers(scope: SendScope): Promise<void> {
  const { database } = scope.context.client
  let afterOrdinal = 0
  while (!scope.lost.aborted) {
    const query = { operationId: scope.operation.id, states: ['confirmed'] as const, toOrdinal: null, limit: PAGE }
    const page = await readLedgerPage(database, { ...query, afterOrdinal })
    if (page.length === 0) return
    await removeFromSource(scope, page)
    afterOrdinal = page.at(-1)?.ordinal ?? afterOrdinal
  }
}
