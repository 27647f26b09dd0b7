import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { startStuckSweep, sweepOnce } from '#collector/stuck/start-stuck-sweep.ts'
import { cluster, destination, groupLag } from '#db/schema/cluster.ts'
import { deliveryDeadline } from '#db/schema/stuck.ts'
import { listStuck, listStuckGroups } from '#db/store/stuck-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'

const database = useTestDatabase()
const log = createLog('test', 'silent')
let nowMs = 0

interface Half {
  readonly traceId: string
  readonly spanId: string
}

beforeEach(async () => {
  const { pool, database: db } = database()
  nowMs = Date.now()
  await ensurePartitions(pool, nowMs)
  await pool.query(
    `truncate message_event, rollup, span, stuck_delivery, stuck_sweep, delivery_deadline, destination, group_lag, cluster`,
  )
  await db.insert(cluster).values({ id: 'k1', kind: 'kafka', name: 'k1', configuration: {} })
  const place = { clusterId: 'k1', kind: 'topic' as const, lanes: ['0'], settings: {}, seenAt: new Date(nowMs) }
  await db.insert(destination).values(['payments', 'state-changelog'].map((name) => ({ ...place, name })))
  await setPosition('email', 'OK', 1, 2)
  await setPosition('shipping', 'OK', 1_000, 1_000)
})

/** The broker's word: one lane, read a second ago, whose oldest unprocessed message is two hours old. */
async function setPosition(group: string, state: string, committed: number, end: number, behindMs = 7_200_000) {
  const behind = committed >= end ? 0 : behindMs
  const lanes = [{ lane: '0', committed, start: 0, end, timeBehindMs: behind, timeBehindErrorMs: 0 }]
  const row = {
    clusterId: 'k1',
    groupName: group,
    destination: 'payments',
    state,
    sentence: '',
    lostMessages: 0,
    lanes,
  }
  const times = { stateSince: new Date(nowMs), asOf: new Date(nowMs - 1_000) }
  await database()
    .database.insert(groupLag)
    .values({ ...row, ...times })
    .onConflictDoUpdate({
      target: [groupLag.clusterId, groupLag.groupName, groupLag.destination],
      set: { lanes, state, ...times },
    })
}

async function addSends(count: number, agoMs: number, place = 'payments'): Promise<readonly Half[]> {
  const halves = Array.from({ length: count }, () => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
  }))
  const { pool } = database()
  await pool.query(
    `insert into message_event (trace_id, at_us, ended_us, ingest_day, event, is_error, is_sender_linked, span_id, system, service, destination)
     select t::uuid, $3 + n, $3 + n, current_date, 1, false, false, decode(s, 'hex'), 'kafka', 'payments', $4
     from unnest($1::text[], $2::text[]) with ordinality as sent (t, s, n)`,
    [halves.map(({ traceId }) => traceId), halves.map(({ spanId }) => spanId), (nowMs - agoMs) * 1_000, place],
  )
  await addRollup('payments', place, null, 1, 0)
  return halves
}

async function addTakes(halves: readonly Half[], service: string, agoMs: number) {
  await database().pool.query(
    `insert into message_event (trace_id, at_us, ended_us, ingest_day, event, is_error, is_sender_linked, span_id, system, service,
       destination, sender_trace_id, sender_span_id)
     select t::uuid, $3, $3, current_date, 2, false, false, decode(md5(s || $4), 'hex'), 'kafka', $4, 'payments', t::uuid, decode(s, 'hex')
     from unnest($1::text[], $2::text[]) as sent (t, s)`,
    [halves.map(({ traceId }) => traceId), halves.map(({ spanId }) => spanId), (nowMs - agoMs) * 1_000, service],
  )
  await addRollup(service, 'payments', null, 0, 1)
}

const addRollup = (
  service: string,
  place: string,
  dwell: readonly number[] | null,
  sent: number,
  received: number,
  agoS = 60,
) =>
  database().pool.query(
    `insert into rollup (bucket_s, ingest_day, sent_count, received_count, error_count, destination, service, dwell, processing)
     values ($1, current_date, $2, $3, 0, $4, $5, $6, '{}')`,
    [Math.floor(nowMs / 1_000) - agoS, sent, received, place, service, dwell ?? []],
  )

const sweep = (isToLearn = false) =>
  sweepOnce({ client: database(), log }, nowMs, isToLearn, new AbortController().signal)
const list = async () =>
  (await listStuck(database().database, { destination: null, group: null, limit: 200, cursor: null })).deliveries

test('a message that one of two groups has not taken in time is listed with who holds it, and goes when it is taken late', async () => {
  const sent = await addSends(1, 60_000)
  await addTakes(sent, 'shipping', 59_000)
  await sweep()
  expect(await list()).toMatchObject([
    {
      clusterId: 'k1',
      group: 'email',
      destination: 'payments',
      verdict: 'waiting',
      flowKey: sent[0]!.traceId,
      messageCount: 1,
      isCounted: false,
    },
  ])
  expect(await listStuckGroups(database().database, 10)).toMatchObject([{ group: 'email', messageCount: 1 }])
  await addTakes(sent, 'email', 0)
  await sweep()
  expect(await list()).toEqual([])
  const { rows } = await database().pool.query('select resolution from stuck_delivery')
  expect(rows).toEqual([{ resolution: 'taken' }])
})

test('a message is not listed before its time, and what a person allowed goes before the usual', async () => {
  await database()
    .database.insert(deliveryDeadline)
    .values({ readFrom: 'payments', groupName: 'email', learntMs: 30_000, setMs: 90_000 })
  const sent = await addSends(1, 60_000)
  await addTakes(sent, 'shipping', 59_000)
  await sweep()
  expect(await list()).toEqual([])
  nowMs += 31_000
  await sweep()
  expect(await list()).toMatchObject([{ group: 'email', expectedMs: 90_000 }])
})

test('the verdict follows the position: waiting becomes passed when the group goes by without a span', async () => {
  await addTakes(await addSends(1, 60_000), 'shipping', 59_000)
  await sweep()
  expect(await list()).toMatchObject([{ verdict: 'waiting' }])
  await setPosition('email', 'OK', 2, 2)
  nowMs += 60_000
  await setPosition('email', 'OK', 2, 2)
  await sweep()
  expect(await list()).toMatchObject([{ verdict: 'passed' }])
  expect(await listStuckGroups(database().database, 10)).toEqual([])
})

test('changelogs that nobody consumes, and what a lag state explains, need nobody', async () => {
  await addSends(5, 60_000, 'state-changelog')
  await addTakes(await addSends(1, 60_000), 'shipping', 59_000)
  await setPosition('email', 'STOPPED', 1, 2)
  await sweep()
  expect(await list()).toMatchObject([{ group: 'email', groupState: 'STOPPED' }])
  expect(await listStuckGroups(database().database, 10)).toEqual([])
})

test('the expected time is learnt from past dwell, not from what happens now', async () => {
  // Bin 94 begins at 27.8 s; the newest quarter of an hour does not count.
  await addRollup('email', 'payments', [94, 100], 0, 100, 3_600)
  await addRollup('email', 'payments', [60, 100], 0, 100, 60)
  await addSends(1, 60_000)
  await sweep(true)
  const { rows } = await database().pool.query(
    `select learnt_ms, sample_count from delivery_deadline where group_name = 'email'`,
  )
  expect(rows).toEqual([{ learnt_ms: 120_000, sample_count: 100 }])
  expect((await list()).map(({ group }) => group)).toEqual(['shipping'])
})

test('10,000 messages that nobody took are swept; the first have a row, the rest is counted', async () => {
  await addSends(10_000, 60_000)
  for (let round = 0; round < 3; round += 1) await sweep()
  const rows = (await list()).filter(({ group }) => group === 'email')
  expect(rows).toHaveLength(51)
  expect(rows.reduce((sum, { messageCount }) => sum + messageCount, 0)).toBeGreaterThanOrEqual(51)
  const { rows: counted } = await database().pool.query(
    `select sum(message_count)::int as count from stuck_delivery where group_name = 'shipping'`,
  )
  expect(counted).toEqual([{ count: 10_000 }])
})

test('the counted rest ends when the group has come past it', async () => {
  await addTakes(await addSends(60, 60_000), 'shipping', 59_000)
  await sweep()
  expect((await list()).filter(({ isCounted }) => isCounted)).toMatchObject([{ messageCount: 10, verdict: 'waiting' }])
  nowMs += 60_000
  await setPosition('email', 'OK', 62, 62)
  await sweep()
  const rows = await list()
  expect(rows.filter(({ isCounted }) => isCounted)).toEqual([])
  expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['passed']))
})

test('the duty holds the lease, lists what is stuck, and stops', async () => {
  await addTakes(await addSends(1, 60_000), 'shipping', 59_000)
  const duty = await startStuckSweep({ client: database(), holder: 'test', log })
  await expect.poll(async () => (await list()).length, { timeout: 10_000 }).toBe(1)
  await duty.stop()
})
