import type { CollectorContext } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { listUnfinishedIndexes, recordIndexProgress } from '#db/store/attribute-index-store.ts'
import { postStoredSpans } from '#telemetry-store/postgres/post-stored-spans.ts'

/** By then every collector has read of the key, and spans that came in before that are committed. */
const SETTLE_MS = 15_000
const FIRST_SLICE_US = 10_000_000
const LEAST_SLICE_US = 100_000
/** How long one statement should take: it shares the machine with ingest. */
const AIM_MS = 250

/** Posts the stored spans for every key that is not done, newest first, until it is done or the signal comes. */
export async function postUnfinished(
  { client, log }: Pick<CollectorContext, 'client' | 'log'>,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (const index of await listUnfinishedIndexes(client.database)) {
    if (nowMs - index.requestedAtMs < SETTLE_MS) continue
    let sliceUs = FIRST_SLICE_US
    // Clocks of senders may be far ahead: the first part has no end.
    let beforeUs = index.completeFromUs ?? Number.MAX_SAFE_INTEGER
    let count = 0
    while (beforeUs > 0 && !signal.aborted) {
      const fromUs = Math.max(0, Math.min(beforeUs, nowMs * 1_000) - sliceUs)
      const startedAt = performance.now()
      count += await postStoredSpans(client.pool, index, { fromUs, beforeUs })
      if (!(await recordIndexProgress(client.database, index.number, fromUs))) break
      beforeUs = fromUs
      const tookMs = performance.now() - startedAt
      if (tookMs < AIM_MS / 4) sliceUs *= 8
      else if (tookMs < AIM_MS) sliceUs *= 2
      else sliceUs = Math.max(LEAST_SLICE_US, Math.round(sliceUs / 2))
      await pause(tookMs, signal)
    }
    log.info({ key: index.key, count, isDone: beforeUs === 0 }, 'stored attributes were indexed')
  }
}
