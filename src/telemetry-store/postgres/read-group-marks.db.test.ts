import { expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { insertRollups, type Rollup } from '#telemetry-store/postgres/insert-rollups.ts'
import { readDeploys, readGroupDwell } from '#telemetry-store/postgres/read-group-marks.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'

const database = useTestDatabase()
const NOW_S = Math.floor(Date.now() / 10_000) * 10
const HOUR = { fromUs: (NOW_S - 3_600) * 1e6, toUs: (NOW_S + 10) * 1e6 }
const today = () => new Date().toISOString().slice(0, 10)

const taken = (part: Partial<Rollup>): Rollup => ({
  bucketS: NOW_S - 60,
  destination: 'orders',
  consumerGroup: 'mail',
  service: 'mailer',
  fromService: null,
  sent: 0,
  received: 3,
  errors: 0,
  dwell: new Map([[76, 3]]),
  processing: new Map(),
  ...part,
})

test('what a group waited for is told by destination, also where spans name the service or the queue alone', async () => {
  await ensurePartitions(database().pool, Date.now())
  const rollups = [
    taken({}),
    taken({ bucketS: NOW_S - 50, received: 1, dwell: new Map([[84, 1]]) }),
    taken({ destination: 'returns', received: 2, dwell: new Map() }),
    taken({ consumerGroup: 'audit', received: 90 }),
    taken({ bucketS: NOW_S - 7_200, received: 500 }),
    taken({ destination: 'mail', consumerGroup: null, received: 4 }),
    taken({ destination: 'letters', consumerGroup: null, service: 'postman', received: 6 }),
    taken({ destination: 'parcels', consumerGroup: null, service: 'carrier', received: 8 }),
  ]
  await insertRollups(database().pool, rollups, { day: today(), widthS: 10, level: 0 })
  const dwell = await readGroupDwell(database().pool, { group: 'mail', services: ['postman'] }, HOUR)
  expect(dwell.map(({ destination, receivedCount }) => [destination, receivedCount])).toEqual([
    ['letters', 6],
    ['mail', 4],
    ['orders', 4],
    ['returns', 2],
  ])
  const orders = dwell.find(({ destination }) => destination === 'orders')
  // Bin 76 begins at 1.2^76 us, about a second; a fifth wider at its end.
  expect(orders?.p50Us).toBeGreaterThan(1.04e6)
  expect(orders?.p50Us).toBeLessThan(1.26e6)
  expect(orders?.p95Us).toBeGreaterThan(orders?.p50Us ?? 0)
  expect(dwell.find(({ destination }) => destination === 'returns')).toMatchObject({ p50Us: null, p95Us: null })
})

test('a version that follows another one is a deploy; the first one, old ones and other services are none', async () => {
  await ensurePartitions(database().pool, Date.now())
  await insertRollups(database().pool, [taken({ consumerGroup: 'pay', service: 'payer' })], {
    day: today(),
    widthS: 10,
    level: 0,
  })
  const insert = `insert into span_origin (origin_id, service, service_version, resource, ingest_day, first_seen_at)
    values ($1, $2, $3, '{}', current_date, $4)`
  const origins = [
    [1, 'payer', '1.0', null],
    [2, 'payer', '1.1', new Date((NOW_S - 1_200) * 1_000)],
    [3, 'payer', '1.1', new Date((NOW_S - 600) * 1_000)],
    [4, 'stranger', '7', new Date((NOW_S - 1_200) * 1_000)],
    [5, 'stranger', '8', new Date((NOW_S - 600) * 1_000)],
  ] as const
  for (const origin of origins) await database().pool.query(insert, [...origin])
  expect(await readDeploys(database().pool, { group: 'pay', services: [] }, HOUR)).toEqual([
    { service: 'payer', version: '1.1', atUs: (NOW_S - 1_200) * 1e6 },
  ])
})
