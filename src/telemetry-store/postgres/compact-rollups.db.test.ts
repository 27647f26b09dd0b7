import { beforeEach, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { quantileUs, sketchToPairs } from '#domain/trace/duration-sketch.ts'
import { compactRollups } from '#telemetry-store/postgres/compact-rollups.ts'
import { insertRollups, type Rollup } from '#telemetry-store/postgres/insert-rollups.ts'
import { readDestinationSeries } from '#telemetry-store/postgres/read-destination-series.ts'
import { readEdges } from '#telemetry-store/postgres/read-edges.ts'
import { readTraffic } from '#telemetry-store/postgres/read-traffic.ts'
import { ensurePartitions, retainTelemetry } from '#telemetry-store/postgres/telemetry-partitions.ts'

const database = useTestDatabase()
const DAY_S = 86_400
const NOW_S = Date.UTC(2026, 0, 5, 12) / 1000
const NOW_MS = NOW_S * 1000
const AGES = { nowMs: NOW_MS, fineDays: 7, coarseDays: 30 }
const DAY = '2026-01-05'
/** Whole hours whose sums are by the hour, by five minutes and by ten seconds in the end. */
const HOUR = { coarse: NOW_S - 40 * DAY_S, middle: NOW_S - 20 * DAY_S, fine: NOW_S - 2 * DAY_S }
const ALL = { fromUs: (NOW_S - 60 * DAY_S) * 1e6, toUs: NOW_S * 1e6 }

beforeEach(async () => {
  await ensurePartitions(database().pool, NOW_MS)
  await database().pool.query('truncate rollup, rollup_traffic')
})

interface Part {
  readonly received?: number
  readonly from?: string
}
const rollupOf = (bucketS: number, { received = 1, from }: Part): Rollup => ({
  bucketS,
  destination: 'orders',
  consumerGroup: 'mail',
  service: 'mailer',
  fromService: from ?? null,
  sent: 0,
  received,
  errors: 1,
  dwell: new Map([
    [60, 2],
    [61 + (bucketS % 7), 1],
  ]),
  processing: new Map([[40, 1]]),
})
const insert = (rollups: readonly Rollup[], day = DAY) =>
  insertRollups(database().pool, rollups, { day, widthS: 10, level: 0 })

/** Each bucket in two rows for one producer and one for another, as the seconds of a collector write them. */
const fill = (startS: number, buckets: number) =>
  insert(
    Array.from({ length: buckets }, (_, index) => startS + index * 10).flatMap((bucketS) => [
      rollupOf(bucketS, { from: 'checkout' }),
      rollupOf(bucketS, { from: 'checkout', received: 2 }),
      rollupOf(bucketS, { from: 'shop', received: 4 }),
    ]),
  )

const edgesOf = async (window = ALL) =>
  (await readEdges(database().pool, window)).edges
    .map(({ dwell, processing, ...edge }) => ({
      ...edge,
      dwell: sketchToPairs(dwell).toString(),
      processing: sketchToPairs(processing).toString(),
    }))
    .map((edge) => ({ ...edge, dwell: sortPairs(edge.dwell), processing: sortPairs(edge.processing) }))
    .toSorted((left, right) => ((left.fromService ?? '') < (right.fromService ?? '') ? -1 : 1))
const sortPairs = (pairs: string): string =>
  (pairs.match(/\d+,\d+/g) ?? []).toSorted((left, right) => Number.parseInt(left) - Number.parseInt(right)).join(' ')
const trafficOf = async (stepS = 600, window = ALL) =>
  (await readTraffic(database().pool, window, stepS)).reduce((total, step) => total + step.receivedCount, 0)
const rowsByWidth = async () =>
  (
    await database().pool.query<{ width_s: number; level: number; rows: number }>(
      'select width_s, level, count(*)::int as rows from rollup group by 1, 2 order by 1, 2',
    )
  ).rows
const compact = (options: { readonly sliceRows?: number } = {}) =>
  compactRollups(database().pool, { ...AGES, ...options })

test('old sums become few, and what they add up to stays the same', async () => {
  for (const startS of Object.values(HOUR)) await fill(startS, 60)
  const before = await edgesOf()
  expect(before.map((edge) => [edge.fromService, edge.receivedCount])).toEqual([
    ['checkout', 540],
    ['shop', 720],
  ])
  expect(await compact()).toBe(540)
  expect(await edgesOf()).toEqual(before)
  expect(await rowsByWidth()).toEqual([
    { width_s: 10, level: 1, rows: 120 },
    { width_s: 300, level: 2, rows: 4 },
    { width_s: 3600, level: 3, rows: 2 },
  ])
  expect(await compact()).toBe(0)
})

test('small slices give the same sums as large ones', async () => {
  await fill(HOUR.coarse, 100)
  await fill(HOUR.middle, 100)
  const before = await edgesOf()
  await compact({ sliceRows: 7 })
  expect(await edgesOf()).toEqual(before)
  expect((await rowsByWidth()).map((row) => row.width_s)).toEqual([300, 3600])
})

test('what has just happened is left as it is, and a sum that is to come too', async () => {
  await fill(NOW_S - 20, 2)
  await insert([rollupOf(NOW_S + 600, {})])
  expect(await compact()).toBe(0)
})

test('sums by five minutes become hours when their time has come', async () => {
  await fill(HOUR.middle, 60)
  const before = await edgesOf()
  await compact()
  await compactRollups(database().pool, { ...AGES, nowMs: NOW_MS + 20 * DAY_S * 1000 })
  expect(await rowsByWidth()).toEqual([{ width_s: 3600, level: 3, rows: 2 }])
  expect(await edgesOf()).toEqual(before)
})

test('a compactor that is killed half-way has changed nothing, and the next one goes on', async () => {
  const { pool } = database()
  await fill(HOUR.coarse, 30)
  const before = await edgesOf()
  const rows = await rowsByWidth()
  await pool.query(`create function die() returns trigger language plpgsql as
    'begin perform pg_terminate_backend(pg_backend_pid()); return new; end'`)
  await pool.query(
    'create trigger die before insert on rollup for each row when (new.level > 0) execute function die()',
  )
  try {
    await expect(compact()).rejects.toThrow('terminat')
    expect(await rowsByWidth()).toEqual(rows)
    expect(await edgesOf()).toEqual(before)
    expect(await trafficOf()).toBe(30 * 7)
  } finally {
    await pool.query('drop trigger die on rollup')
    await pool.query('drop function die')
  }
  expect(await compact()).toBe(90)
  expect(await edgesOf()).toEqual(before)
})

test('a sum that comes late into an hour that was merged still counts', async () => {
  await fill(HOUR.coarse, 30)
  await compact()
  await insert([rollupOf(HOUR.coarse + 50, { from: 'shop', received: 1_000 })])
  const received = async () => (await edgesOf()).find((edge) => edge.fromService === 'shop')?.receivedCount
  expect(await received()).toBe(1_120)
  expect(await compact()).toBe(1)
  expect(await received()).toBe(1_120)
  expect(await trafficOf()).toBe(30 * 7 + 1_000)
  expect((await rowsByWidth()).map((row) => row.width_s)).toEqual([3600])
})

test('two compactors at once take every row once', async () => {
  await fill(HOUR.coarse, 200)
  await fill(HOUR.middle, 200)
  const before = await edgesOf()
  const taken = await Promise.allSettled([1, 2, 3].map(() => compact({ sliceRows: 20 })))
  expect(taken.some((one) => one.status === 'fulfilled')).toBe(true)
  await compact()
  expect(await edgesOf()).toEqual(before)
  expect(await trafficOf()).toBe(400 * 7)
  expect((await rowsByWidth()).map((row) => row.width_s)).toEqual([300, 3600])
})

test('what counted for nobody and then for its producer leaves no row behind', async () => {
  await insert([rollupOf(HOUR.coarse, { received: 3 })])
  await database().pool.query(
    `insert into rollup (bucket_s, ingest_day, sent_count, received_count, error_count, destination, consumer_group, service, dwell, processing)
     select bucket_s, ingest_day, 0, -3, -1, destination, consumer_group, service, $1, '{40,-1}' from rollup`,
    [[60, -2, 61 + (HOUR.coarse % 7), -1]],
  )
  expect(await compact()).toBe(2)
  expect(await rowsByWidth()).toEqual([])
})

test('merged sums are dropped with the day in which they came in', async () => {
  const { pool } = database()
  await ensurePartitions(pool, NOW_MS - 100 * DAY_S * 1000)
  await insert([rollupOf(HOUR.coarse, { received: 5 })], '2025-09-27')
  await insert([rollupOf(HOUR.coarse, { received: 7 })])
  await compact()
  expect((await edgesOf())[0]?.receivedCount).toBe(12)
  await retainTelemetry(pool, { spanDays: 7, rollupDays: 90, nowMs: NOW_MS })
  expect((await edgesOf())[0]?.receivedCount).toBe(7)
})

test('a window that cuts a longer bucket counts its share, and neighbouring windows add up', async () => {
  await fill(HOUR.coarse, 360)
  await fill(HOUR.fine, 6)
  await compact()
  const window = (fromS: number, toS: number) => ({ fromUs: fromS * 1e6, toUs: toS * 1e6 })
  const received = async (fromS: number, toS: number) =>
    (await edgesOf(window(fromS, toS))).reduce((sum, edge) => sum + edge.receivedCount, 0)
  expect(await received(HOUR.coarse + 900, HOUR.coarse + 1_800)).toBeCloseTo((360 * 7) / 4, 6)
  expect(
    (await received(HOUR.coarse - 700, HOUR.coarse + 700)) + (await received(HOUR.coarse + 700, HOUR.coarse + 3_600)),
  ).toBeCloseTo(360 * 7, 6)
  expect(await received(HOUR.fine, HOUR.fine + 30)).toBe(3 * 7)
  const finest = async (fromS: number) => (await readEdges(database().pool, window(fromS, fromS + 60))).bucketMs
  expect([await finest(HOUR.coarse), await finest(HOUR.fine)]).toEqual([3_600_000, 10_000])
})

test('a chart spreads a longer bucket over its steps, with the quantiles of the whole', async () => {
  await fill(HOUR.coarse, 360)
  const series = () =>
    readDestinationSeries(database().pool, {
      fromUs: HOUR.coarse * 1e6,
      toUs: (HOUR.coarse + 3_600) * 1e6,
      stepSeconds: 600,
      destination: 'orders',
      isMerged: false,
    })
  const whole = quantileUs((await readEdges(database().pool, ALL)).edges[0]!.dwell, 0.5)
  const before = await series()
  await compact()
  const after = await series()
  expect(after.map((bucket) => [bucket.atUs, Math.round(bucket.receivedCount)])).toEqual(
    before.map((bucket) => [bucket.atUs, bucket.receivedCount]),
  )
  expect(after.map((bucket) => bucket.dwellP50Us)).toEqual(after.map(() => whole))
})

test('traffic by the step adds up to the same over rows of every width', async () => {
  for (const startS of Object.values(HOUR)) await fill(startS, 360)
  await compact()
  await insert([rollupOf(HOUR.coarse + 3_550, { received: 100 }), rollupOf(HOUR.coarse, { received: -100 })])
  for (const stepS of [600, 7_000, 43_200]) expect(await trafficOf(stepS)).toBeCloseTo(3 * 360 * 7, 3)
  const steps = await readTraffic(
    database().pool,
    { fromUs: HOUR.coarse * 1e6, toUs: (HOUR.coarse + 1_800) * 1e6 },
    600,
  )
  expect(steps.map((step) => Math.round(step.receivedCount))).toEqual([320, 420, 420])
  expect(await trafficOf(10, { fromUs: HOUR.fine * 1e6, toUs: (HOUR.fine + 20) * 1e6 })).toBe(14)
})
