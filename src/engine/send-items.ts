import { readLedgerPage, type LedgerItem } from '#db/store/operation-ledger-store.ts'
import { batchSizeFor } from '#domain/operation/pace.ts'
import { confirmArrived } from '#engine/confirm-arrived.ts'
import { createCopyBuffer, type CopyBuffer } from '#engine/copy-buffer.ts'
import { discardBatch } from '#engine/discard-batch.ts'
import { insist } from '#engine/insist.ts'
import type { Copy } from '#engine/make-copies.ts'
import { readCopies } from '#engine/read-copies.ts'
import { sendBatch } from '#engine/send-batch.ts'
import type { SendScope } from '#engine/send-scope.ts'

/** Batches in flight at once; each lane is one after the other, and a key always has the same lane. */
const LANE_COUNT = 4
/** What a crash may leave in doubt: at most this many copies per lane. */
const MAX_BATCH = 500
/** Live messages are held for so many batches of every lane, and as many bytes. */
const BATCHES_AHEAD = 2
const MAX_HELD_BYTES = 16 * 1024 * 1024
const MAX_PAGE_BYTES = 4 * 1024 * 1024

interface Page {
  readonly copies: readonly Copy[]
  /** Where to go on; null when there is nothing more. */
  readonly lastOrdinal: number | null
}

/**
 * Sends (or discards) every item that is not settled, up to `toOrdinal` (null = all), until there is none or the scope stops. Items
 * of one key are sent in ordinal order, also what an earlier holder had claimed and not confirmed. While some are being
 * sent, the next ones are read.
 *
 * @throws Failure when another holder has taken over, or the database does not answer
 */
export async function sendItems(scope: SendScope, toOrdinal: number | null): Promise<void> {
  const batchSize = batchSizeFor(scope.operation.ratePerSecond, MAX_BATCH)
  const maxCopies = batchSize * LANE_COUNT * BATCHES_AHEAD
  const buffer = createCopyBuffer({ laneCount: LANE_COUNT, maxCopies, maxBytes: MAX_HELD_BYTES })
  scope.stop.addEventListener('abort', buffer.close, { once: true })
  if (scope.stop.aborted) buffer.close()
  const works = [
    readAhead(scope, toOrdinal, batchSize, buffer),
    ...Array.from({ length: LANE_COUNT }, (_, lane) => sendLane(scope, lane, batchSize, buffer)),
  ]
  try {
    await allOrFirstFailure(works, buffer)
  } finally {
    scope.stop.removeEventListener('abort', buffer.close)
  }
}

async function readAhead(
  scope: SendScope,
  toOrdinal: number | null,
  batchSize: number,
  buffer: CopyBuffer,
): Promise<void> {
  let afterOrdinal: number | null = 0
  while (afterOrdinal !== null && !scope.stop.aborted) {
    const page: Page = await readPage(scope, afterOrdinal, toOrdinal, batchSize * LANE_COUNT)
    buffer.put(page.copies)
    afterOrdinal = page.lastOrdinal
    await buffer.whenRoomy()
  }
  buffer.end()
}

async function readPage(
  scope: SendScope,
  afterOrdinal: number,
  toOrdinal: number | null,
  limit: number,
): Promise<Page> {
  let page: Page = { copies: [], lastOrdinal: null }
  await insist(scope, async () => {
    const listed = await readLedgerPage(scope.context.client.database, {
      operationId: scope.operation.id,
      states: ['pending', 'claimed'],
      afterOrdinal,
      toOrdinal,
      limit,
    })
    const items = cutAtBytes(listed)
    page = { copies: await readCopies(scope, items), lastOrdinal: items.at(-1)?.ordinal ?? null }
    return { isDone: true, hasAdvanced: true, obstacle: null }
  })
  return page
}

/** At least one, then as many as fit. */
function cutAtBytes(items: readonly LedgerItem[]): readonly LedgerItem[] {
  let bytes = 0
  const end = items.findIndex((item) => (bytes += item.payloadBytes) > MAX_PAGE_BYTES)
  return end < 0 ? items : items.slice(0, Math.max(1, end))
}

/** When one fails, nothing new is begun; but all are waited for: nothing may go on sending after the lease is given back. */
async function allOrFirstFailure(works: readonly Promise<unknown>[], buffer: CopyBuffer): Promise<void> {
  for (const work of works) work.catch(buffer.close)
  for (const settled of await Promise.allSettled(works)) {
    if (settled.status === 'rejected') throw settled.reason
  }
}

/** Nothing of a lane is begun before the batch ahead is settled: that keeps the order of every key. */
async function sendLane(scope: SendScope, lane: number, batchSize: number, buffer: CopyBuffer): Promise<void> {
  const carryBatch = scope.operation.kind === 'discard' ? discardBatch : sendBatch
  for (;;) {
    const batch = await buffer.take(lane, batchSize)
    if (batch.length === 0 || scope.stop.aborted) return
    let unsettled = batch
    await insist(scope, async () => {
      if (scope.operation.kind !== 'discard') unsettled = await confirmArrived(scope, unsettled)
      const result = await carryBatch(scope, unsettled)
      unsettled = result.unsettled
      return { isDone: unsettled.length === 0, hasAdvanced: result.confirmedCount > 0, obstacle: result.obstacle }
    })
    buffer.release(batch)
  }
}
