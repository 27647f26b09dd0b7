import { expect, test } from 'vitest'
import { useTestIngest } from '#collector/ingest/test-ingest.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { describeTelemetryStore } from '#telemetry-store/contract.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { retainTelemetry } from '#telemetry-store/postgres/telemetry-partitions.ts'

const database = useTestDatabase()
const ingest = useTestIngest(database)

describeTelemetryStore('on Postgres', () => ({
  reader: openTelemetryReader(database().pool),
  writer: ingest().telemetry,
}))

test('rollups count what was sent and received and know the dwell between them', async () => {
  const reader = openTelemetryReader(database().pool)
  const nowUs = 1_795_100_000_000_000
  const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': 'rolled' }
  const base = { name: 'x', durationUs: 2_000, correlationId: null, isError: false }
  const sent = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }
  // The receiver comes first: halves join in whatever order they come.
  await ingest().telemetry.recordOwnSpans([
    {
      ...base,
      traceId: 'e'.repeat(32),
      spanId: 'f'.repeat(16),
      kind: 'consumer',
      startUs: nowUs + 1_000_000,
      links: [sent],
      attributes,
    },
  ])
  await ingest().telemetry.recordOwnSpans([
    { ...base, ...sent, kind: 'producer', startUs: nowUs, links: [], attributes },
  ])
  const series = () =>
    reader.readDestinationSeries({
      fromUs: nowUs - 1e7,
      toUs: nowUs + 1e7,
      stepSeconds: 60,
      destination: 'rolled',
      isMerged: false,
    })
  await expect.poll(series, { timeout: 40_000 }).toHaveLength(1)
  await expect.poll(async () => (await series())[0]?.sentCount, { timeout: 40_000 }).toBe(1)
  const [bucket] = await series()
  expect(bucket).toMatchObject({ sentCount: 1, receivedCount: 1, errorCount: 0 })
  expect(Math.abs(bucket!.dwellP50Us! - 1_000_000)).toBeLessThan(100_000)
})

test('retention drops the days that are over, keeps rollups for longer and makes the coming days', async () => {
  const { pool } = database()
  const dayMs = 86_400_000
  const nowMs = Date.now() + 20 * dayMs
  const dropped = await retainTelemetry(pool, { spanDays: 7, rollupDays: 90, nowMs })
  expect(dropped.some((name) => name.startsWith('span_2'))).toBe(true)
  expect(dropped.some((name) => name.startsWith('rollup'))).toBe(false)
  expect((await pool.query('select count(*) from span')).rows[0].count).toBe('0')
  const tomorrow = new Date(nowMs + dayMs).toISOString().slice(0, 10).replaceAll('-', '')
  expect((await pool.query(`select to_regclass('span_${tomorrow}') is not null as made`)).rows[0].made).toBe(true)
})
