import { performance } from 'node:perf_hooks'
import { readLedgerPage, type LedgerItem } from '#db/store/operation-ledger-store.ts'
import { Failure } from '#domain/failure.ts'
import { batchSizeFor } from '#domain/operation/pace.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { sendBatch, type BatchResult } from '#engine/send-batch.ts'
import { isTakenOver, type SendScope } from '#engine/send-scope.ts'

/** Batches in flight at once; each lane is one after the other, and a key always has the same lane. */
const LANE_COUNT = 4
/** The window of a crash: at most this many copies per lane may have a marked duplicate. */
const MAX_BATCH = 500
const MAX_PAGE = LANE_COUNT * MAX_BATCH * 2
/** How long a destination may stay away before the operation pauses. */
const PATIENCE_MS = 60_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

/**
 * Sends every item that is not settled, up to `toOrdinal` (null = all), until there is none or the scope stops. Items
 * of one key are sent in ordinal order, also what an earlier holder had claimed and not confirmed.
 *
 * @throws Failure when another holder has taken over, or the database does not answer
 */
export async function sendItems(scope: SendScope, toOrdinal: number | null): Promise<void> {
  const batchSize = batchSizeFor(scope.operation.ratePerSecond, MAX_BATCH)
  const limit = Math.min(MAX_PAGE, batchSize * LANE_COUNT * 8)
  const readPage = (afterOrdinal: number): Promise<readonly LedgerItem[]> =>
    readLedgerPage(scope.context.client.database, {
      operationId: scope.operation.id,
      states: ['pending', 'claimed'],
      afterOrdinal,
      toOrdinal,
      limit,
    })
  let page = await readPage(0)
  while (page.length > 0 && !scope.stop.aborted) {
    const [next] = await allOrFirstFailure([
      readPage(page.at(-1)?.ordinal ?? 0),
      ...splitLanes(page).map(async (lane) => {
        await sendLane(scope, lane, batchSize)
        return []
      }),
    ])
    page = next ?? []
  }
}

/** Waits for all, also when one fails: nothing may go on sending after the lease is given back. */
async function allOrFirstFailure<Result>(works: readonly Promise<Result>[]): Promise<readonly Result[]> {
  const settled = await Promise.allSettled(works)
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}

function splitLanes(items: readonly LedgerItem[]): readonly (readonly LedgerItem[])[] {
  const lanes: LedgerItem[][] = Array.from({ length: LANE_COUNT }, () => [])
  for (const item of items) {
    const lane = item.orderKey === null ? item.ordinal : Number.parseInt(item.orderKey.slice(0, 6), 16)
    lanes[lane % LANE_COUNT]?.push(item)
  }
  return lanes
}

async function sendLane(scope: SendScope, items: readonly LedgerItem[], batchSize: number): Promise<void> {
  for (let from = 0; from < items.length && !scope.stop.aborted; from += batchSize) {
    await sendUntilSettled(scope, items.slice(from, from + batchSize))
  }
}

/** Nothing of a lane is begun before the batch ahead is settled: that keeps the order of every key. */
async function sendUntilSettled(scope: SendScope, batch: readonly LedgerItem[]): Promise<void> {
  let unsettled = batch
  let retryMs = FIRST_RETRY_MS
  let stuckSince = performance.now()
  while (unsettled.length > 0 && !scope.stop.aborted) {
    const result = await tryBatch(scope, unsettled)
    unsettled = result.unsettled
    if (result.confirmedCount > 0) {
      stuckSince = performance.now()
      retryMs = FIRST_RETRY_MS
    }
    if (result.obstacle === null) continue
    if (performance.now() - stuckSince > PATIENCE_MS) scope.trip(`no progress: ${result.obstacle.message}`)
    await pauseFor(retryMs, scope.stop)
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
  }
}

/**
 * What a broker says is an obstacle: one that may pass is waited for, any other (the topic is gone, access is denied)
 * pauses the operation with its reason. Everything else ends this holder's run.
 */
async function tryBatch(scope: SendScope, batch: readonly LedgerItem[]): Promise<BatchResult> {
  try {
    return await sendBatch(scope, batch)
  } catch (error) {
    const isOurs = !(error instanceof Failure) || error.code === 'internal' || isTakenOver(error)
    if (isOurs || scope.lost.aborted) throw error
    if (!error.retryable) scope.trip(error.message)
    return { unsettled: batch, obstacle: error, confirmedCount: 0 }
  }
}
