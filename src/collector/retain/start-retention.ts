import type { CollectorContext, Duty } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { LEASE_TTL_MS } from '#db/store/lease-store.ts'
import { retainControlRows } from '#db/store/retention-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { retainSamplingCounts } from '#telemetry-store/postgres/sampling-rows.ts'
import { retainTelemetry } from '#telemetry-store/postgres/telemetry-partitions.ts'

const LOOK_EVERY_MS = 10 * 60_000

/** Drops what is past its retention: telemetry by whole partitions, history and expired rows of the control tables. */
export async function startRetention({ client, config, holder, log }: CollectorContext): Promise<Duty> {
  const stopping = new AbortController()
  const clean = async () => {
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
  const work = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await runUnderLease(client.database, { name: 'retention', holder, ttlMs: LEASE_TTL_MS }, clean)
      } catch (error) {
        log.warn({ err: error }, 'retention failed; it is tried again')
      }
      await pause(LOOK_EVERY_MS, stopping.signal)
    }
  })()
  return {
    name: 'retain',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}
