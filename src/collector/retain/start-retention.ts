import type { CollectorContext, Duty } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { LEASE_TTL_MS } from '#db/store/lease-store.ts'
import { retainControlRows } from '#db/store/retention-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { compactRollups } from '#telemetry-store/postgres/compact-rollups.ts'
import { retainSamplingCounts } from '#telemetry-store/postgres/sampling-rows.ts'
import { retainTelemetry } from '#telemetry-store/postgres/telemetry-partitions.ts'

const CLEAN_EVERY_MS = 10 * 60_000
const COMPACT_EVERY_MS = 60_000

/**
 * Drops what is past its retention: telemetry by whole partitions, history and expired rows of the control tables; merges
 * old sums of traffic into longer buckets.
 */
export async function startRetention(context: CollectorContext): Promise<Duty> {
  const stopping = new AbortController()
  const { signal } = stopping
  const repeat = async (name: string, everyMs: number, work: (signal: AbortSignal) => Promise<void>) => {
    const { client, holder, log } = context
    while (!signal.aborted) {
      try {
        const request = { name, holder, ttlMs: LEASE_TTL_MS, signal }
        await runUnderLease(client.database, request, (_, held) => work(held))
      } catch (error) {
        log.warn({ err: error }, `${name} failed; it is tried again`)
      }
      await pause(everyMs, signal)
    }
  }
  const loops = [
    repeat('retention', CLEAN_EVERY_MS, () => clean(context)),
    repeat('rollup-compaction', COMPACT_EVERY_MS, (held) => compact(context, held)),
  ]
  return {
    name: 'retain',
    stop: async () => {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function clean({ client, config, log }: CollectorContext): Promise<void> {
  const dropped = await retainTelemetry(client.pool, {
    spanDays: config.THROUGHLINE_SPAN_RETENTION_DAYS,
    rollupDays: config.THROUGHLINE_ROLLUP_RETENTION_DAYS,
    nowMs: Date.now(),
  })
  await retainSamplingCounts(client.pool, config.THROUGHLINE_ROLLUP_RETENTION_DAYS)
  const removed = await retainControlRows(client.database)
  if (dropped.length > 0) log.info({ dropped }, 'telemetry past its retention was dropped')
  log.debug({ removed }, 'retention done')
}

async function compact({ client, config, log }: CollectorContext, signal: AbortSignal): Promise<void> {
  const taken = await compactRollups(client.pool, {
    nowMs: Date.now(),
    // Readers of spans look up when something happened in the sums of ten seconds.
    fineDays: Math.max(config.THROUGHLINE_ROLLUP_FINE_DAYS, config.THROUGHLINE_SPAN_RETENTION_DAYS),
    coarseDays: config.THROUGHLINE_ROLLUP_COARSE_DAYS,
    signal,
  })
  log.debug({ taken }, 'sums of traffic were merged')
}
