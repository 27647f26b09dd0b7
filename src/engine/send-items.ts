import { readLedgerPage, type LedgerItem } from '#db/store/operation-ledger-store.ts'
import { batchSizeFor } from '#domain/operation/pace.ts'
import { discardBatch } from '#engine/discard-batch.ts'
import { insist } from '#engine/insist.ts'
import type { Copy } from '#engine/make-copies.ts'
import { readCopies } from '#engine/read-copies.ts'
import { sendBatch } from '#engine/send-batch.ts'
import type { SendScope } from '#engine/send-scope.ts'

/** Batches in flight at once; each lane is one after the other, and a key always has the same lane. */
const LANE_COUNT = 4
/** The window of a crash: at most this many copies per lane may have a marked duplicate. */
const MAX_BATCH = 500
const MAX_PAGE = LANE_COUNT * MAX_BATCH * 8
/** Live messages are held for one page that is sent and one that is read ahead. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024

interface Page {
  readonly copies: readonly Copy[]
  /** Where to go on; null when there is nothing more. */
  readonly lastOrdinal: number | null
}

/**
 * Sends (or discards) every item that is not settled, up to `toOrdinal` (null = all), until there is none or the scope stops. Items
 * of one key are sent in ordinal order, also what an earlier holder had claimed and not confirmed. While one page is
 * sent, the next one is read.
 *
 * @throws Failure when another holder has taken over, or the database does not answer
 */
export async function sendItems(scope: SendScope, toOrdinal: number | null): Promise<void> {
  const batchSize = batchSizeFor(scope.operation.ratePerSecond, MAX_BATCH)
  let page = await readPage(scope, 0, toOrdinal, batchSize)
  while (page.lastOrdinal !== null && !scope.stop.aborted) {
    const { copies, lastOrdinal } = page
    const reading = readPage(scope, lastOrdinal, toOrdinal, batchSize)
    const sending = splitLanes(copies).map((lane) => sendLane(scope, lane, batchSize))
    await allOrFirstFailure([reading, ...sending])
    page = await reading
  }
}

async function readPage(
  scope: SendScope,
  afterOrdinal: number,
  toOrdinal: number | null,
  batchSize: number,
): Promise<Page> {
  let page: Page = { copies: [], lastOrdinal: null }
  await insist(scope, async () => {
    const listed = await readLedgerPage(scope.context.client.database, {
      operationId: scope.operation.id,
      states: ['pending', 'claimed'],
      afterOrdinal,
      toOrdinal,
      limit: Math.min(MAX_PAGE, batchSize * LANE_COUNT * 8),
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

/** Waits for all, also when one fails: nothing may go on sending after the lease is given back. */
async function allOrFirstFailure(works: readonly Promise<unknown>[]): Promise<void> {
  for (const settled of await Promise.allSettled(works)) {
    if (settled.status === 'rejected') throw settled.reason
  }
}

function splitLanes(copies: readonly Copy[]): readonly (readonly Copy[])[] {
  const lanes: Copy[][] = Array.from({ length: LANE_COUNT }, () => [])
  for (const copy of copies) {
    const { orderKey, ordinal } = copy.item
    const lane = orderKey === null ? ordinal : Number.parseInt(orderKey.slice(0, 6), 16)
    lanes[lane % LANE_COUNT]?.push(copy)
  }
  return lanes
}

/** Nothing of a lane is begun before the batch ahead is settled: that keeps the order of every key. */
async function sendLane(scope: SendScope, copies: readonly Copy[], batchSize: number): Promise<void> {
  const carryBatch = scope.operation.kind === 'discard' ? discardBatch : sendBatch
  for (let from = 0; from < copies.length && !scope.stop.aborted; from += batchSize) {
    let unsettled = copies.slice(from, from + batchSize)
    await insist(scope, async () => {
      const result = await carryBatch(scope, unsettled)
      unsettled = [...result.unsettled]
      return { isDone: unsettled.length === 0, hasAdvanced: result.confirmedCount > 0, obstacle: result.obstacle }
    })
  }
}
