import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'

/** Ids that stand on very many traces: a tenant, a job, a constant. Rows as ingest leaves them, without their spans. */
const current = useTestDatabase()
const HUB_TRACES = 20_000

beforeAll(async () => {
  const { pool } = current()
  await ensurePartitions(pool, Date.now())
  await pool.query(
    `insert into flow_member (flow_key, trace_id, first_us, last_us, is_fallback, ingest_day)
     select 'tenant-1', md5(n::text)::uuid, 1700000000000000 + n, 1700000000000001 + n, false, current_date
     from generate_series(1, ${HUB_TRACES}) n`,
  )
  await insertFlow('tenant-1')
  for (let order = 0; order < 230; order += 1) await insertFlow(`order-${order}`)
  await pool.query(
    `insert into flow_alias (alias, flow_key, ingest_day)
     select 'batch-7', 'order-' || n, current_date from generate_series(0, 229) n
     union all select 'order-number-5', 'order-5', current_date`,
  )
})

const insertFlow = (key: string) =>
  current().pool.query(
    `insert into flow (flow_key, started_us, ended_us, span_count, error_count, sent_count, hop_count, receive_count,
       dead_letter_count, redriven_count, services, destinations, is_fallback, ingest_day)
     values ($1, 1700000000000000, 1700000000900000, 9, 0, 1, 1, 1, 0, 0, '{checkout}', '{orders}', false, current_date)`,
    [key],
  )

const reader = () => openTelemetryReader(current().pool)
const list = (id: string) =>
  reader().listFlows({
    id,
    status: 'all',
    service: null,
    destination: null,
    minDurationUs: null,
    cursor: null,
    fromUs: 0,
    toUs: Number.MAX_SAFE_INTEGER,
    limit: 200,
  })

test('the flow of an id that is on very many traces reads a part of them, and says that it is no single flow', async () => {
  const flow = await reader().readFlowSpans('tenant-1', 1_000)
  expect(flow.caps).toEqual(['the id is on 5,000 traces or more: it names more than one flow; 200 of them are read'])
})

test('in the list it is one row, whose traces are counted up to a bound', async () => {
  const { flows } = await list('tenant-1')
  expect(flows.map(({ flowKey, traceCount }) => ({ flowKey, traceCount }))).toEqual([
    { flowKey: 'tenant-1', traceCount: 10_000 },
  ])
})

test('another name that very many flows share lists some of them, and says so; one that few share does not', async () => {
  const shared = await list('batch-7')
  expect(shared.isHub).toBe(true)
  expect(shared.flows).toHaveLength(200)
  const own = await list('order-number-5')
  expect(own.isHub).toBe(false)
  expect(own.flows.map(({ flowKey }) => flowKey)).toEqual(['order-5'])
})

test('a flow that is opened by such a name says that it is one of many', async () => {
  expect((await reader().readFlowSpans('batch-7', 1_000)).caps).toEqual([
    'batch-7 is on 200 flows or more: one of them is shown',
  ])
  expect((await reader().readFlowSpans('order-number-5', 1_000)).caps).toEqual([])
})
