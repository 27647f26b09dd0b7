import { expect, test } from 'vitest'
import type { CollectorContext, Duty } from '#collector/duty.ts'
import { startRetention } from '#collector/retain/start-retention.ts'
import { readCollectorConfig } from '#config.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'
import { insertRollups, type Rollup } from '#telemetry-store/postgres/insert-rollups.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'

const database = useTestDatabase()
const DAY_S = 86_400

const start = (holder: string): Promise<Duty> => {
  const { url, ...client } = database()
  const config = readCollectorConfig({
    DATABASE_URL: url,
    THROUGHLINE_SEAL_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789',
    THROUGHLINE_SPAN_RETENTION_DAYS: '3',
    THROUGHLINE_ROLLUP_FINE_DAYS: '1',
    THROUGHLINE_ROLLUP_COARSE_DAYS: '5',
  })
  const log = createLog('test', 'silent')
  // The duty uses nothing else of what a collector has.
  return startRetention({ client, config, holder, log } as unknown as CollectorContext)
}

const rollupAt = (bucketS: number): Rollup => ({
  bucketS,
  destination: 'orders',
  consumerGroup: null,
  service: 'mailer',
  fromService: 'checkout',
  sent: 0,
  received: 1,
  errors: 0,
  dwell: new Map([[60, 1]]),
  processing: new Map(),
})

test('collectors merge sums by their age, and those as young as spans are kept stay by ten seconds', async () => {
  const { pool } = database()
  const nowMs = Date.now()
  const hourS = Math.floor(nowMs / 3_600_000) * 3_600
  await ensurePartitions(pool, nowMs)
  const ages = [2, 4, 6].map((days) => hourS - days * DAY_S)
  const rollups = ages.flatMap((startS) => [0, 10, 20, 20].map((offsetS) => rollupAt(startS + offsetS)))
  await insertRollups(pool, rollups, { day: new Date(nowMs).toISOString().slice(0, 10), widthS: 10, level: 0 })
  const duties = await Promise.all([start('one'), start('two')])
  const read = async () => {
    const found = await pool.query<{ bucket_s: string; width_s: number; level: number; received: number }>(
      'select bucket_s, width_s, level, sum(received_count)::int as received from rollup group by 1, 2, 3 order by 1',
    )
    return found.rows.map((row) => [Number(row.bucket_s), row.width_s, row.level, row.received])
  }
  const [fine = 0, coarse = 0, old = 0] = ages
  await expect.poll(read, { timeout: 30_000 }).toEqual([
    [old, 3_600, 3, 4],
    [coarse, 300, 2, 4],
    [fine, 10, 1, 1],
    [fine + 10, 10, 1, 1],
    [fine + 20, 10, 1, 2],
  ])
  await Promise.all(duties.map((duty) => duty.stop()))
})
