import type pg from 'pg'
import type { FlowStatus, FlowSummary } from '#domain/flow/flow.ts'
import { findFlowKeys } from '#telemetry-store/postgres/resolve-flow-key.ts'
import type { FlowPage, FlowQuery } from '#telemetry-store/telemetry-store.ts'

const MAX_PAGE = 200
/** A flow whose last span ended this recently may well go on. */
const RUNNING_US = 5_000_000

/** True for a row `f` of flow that stands for itself: not for a trace that has a keyed flow, nor a later day of an older row. */
export const IS_OWN_ROW = `not case when f.is_fallback then exists
      (select from flow_member m where m.trace_id = f.flow_key::uuid and m.flow_key <> f.flow_key) else false end
    and not exists (select from flow earlier where earlier.flow_key = f.flow_key and earlier.ingest_day < f.ingest_day)`

interface FlowRow {
  readonly flow_key: string
  readonly started_us: string
  readonly ended_us: string
  readonly span_count: number
  readonly error_count: number
  readonly hop_count: number
  readonly receive_count: number
  readonly dead_letter_count: number
  readonly redriven_count: number
  readonly services: readonly string[]
  readonly destinations: readonly string[]
}

/**
 * Reads a page of flows, newest start first. A flow over several days has a row for each: the oldest stands for it, and
 * the page adds the others. Rows of traces that turned out to belong to a keyed flow are left out. An id is looked for at
 * any time, everything else within the window.
 */
export async function listFlows(pool: pg.Pool, query: FlowQuery, nowUs: number): Promise<FlowPage> {
  const limit = Math.min(Math.max(1, query.limit), MAX_PAGE)
  const keys = query.id === null ? null : await findFlowKeys(pool, query.id)
  if (keys?.length === 0) return { flows: [], nextCursor: null }
  const { text, values } = pageStatement(query, keys, limit + 1)
  const found = await pool.query<{ flow_key: string; started_us: string }>(text, values)
  const page = found.rows.slice(0, limit)
  const last = page.at(-1)
  const hasMore = found.rows.length > limit && last !== undefined
  return {
    flows: await readSummaries(
      pool,
      page.map((row) => row.flow_key),
      nowUs,
    ),
    nextCursor: hasMore ? encodeCursor(last.started_us, last.flow_key) : null,
  }
}

function pageStatement(
  query: FlowQuery,
  keys: readonly string[] | null,
  limit: number,
): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const bind = (value: unknown) => `$${values.push(value)}`
  const conditions: string[] = []
  if (keys === null)
    conditions.push(`f.started_us >= ${bind(query.fromUs)}::bigint and f.started_us < ${bind(query.toUs)}::bigint`)
  else conditions.push(`f.flow_key = any(${bind(keys)}::text[])`)
  if (query.service !== null) conditions.push(`f.services @> array[${bind(query.service)}::text]`)
  if (query.destination !== null) conditions.push(`f.destinations @> array[${bind(query.destination)}::text]`)
  if (query.status === 'error') conditions.push('(f.error_count > 0 or f.dead_letter_count > 0)')
  if (query.status === 'ok') conditions.push('f.error_count = 0 and f.dead_letter_count = 0')
  if (query.minDurationUs !== null) conditions.push(`f.ended_us - f.started_us >= ${bind(query.minDurationUs)}::bigint`)
  const cursor = query.cursor === null ? null : decodeCursor(query.cursor)
  if (cursor !== null)
    conditions.push(`(f.started_us, f.flow_key) < (${bind(cursor.startedUs)}::bigint, ${bind(cursor.flowKey)}::text)`)
  const text = `select f.flow_key, f.started_us from flow f where ${conditions.join(' and ')}
    and ${IS_OWN_ROW}
    order by f.started_us desc, f.flow_key desc limit ${bind(limit)}`
  return { text, values }
}

const encodeCursor = (startedUs: string, flowKey: string): string =>
  Buffer.from(JSON.stringify([startedUs, flowKey])).toString('base64url')

/** A cursor that is not ours means the first page. */
function decodeCursor(cursor: string): { readonly startedUs: string; readonly flowKey: string } | null {
  const match = /^\["(\d{1,16})",("(?:[^"\\]|\\.)*")\]$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (match?.[1] === undefined || match[2] === undefined) return null
  return { startedUs: match[1], flowKey: String(JSON.parse(match[2])) }
}

async function readSummaries(pool: pg.Pool, keys: readonly string[], nowUs: number): Promise<readonly FlowSummary[]> {
  if (keys.length === 0) return []
  const [rows, traces] = await Promise.all([
    pool.query<FlowRow>({
      name: 'telemetry-flow-rows',
      text: 'select * from flow where flow_key = any($1::text[]) order by ingest_day',
      values: [keys],
    }),
    pool.query<{ flow_key: string; count: string }>({
      name: 'telemetry-flow-traces',
      text: 'select flow_key, count(distinct trace_id) from flow_member where flow_key = any($1::text[]) group by flow_key',
      values: [keys],
    }),
  ])
  const traceCounts = new Map(traces.rows.map((row) => [row.flow_key, Number(row.count)]))
  const byKey = Map.groupBy(rows.rows, (row) => row.flow_key)
  return keys.map((key) => summarise(key, byKey.get(key) ?? [], traceCounts.get(key) ?? 0, nowUs))
}

function summarise(flowKey: string, rows: readonly FlowRow[], traceCount: number, nowUs: number): FlowSummary {
  const sum = (pick: (row: FlowRow) => number) => rows.reduce((total, row) => total + pick(row), 0)
  const endedUs = Math.max(...rows.map((row) => Number(row.ended_us)))
  return {
    flowKey,
    startedUs: Math.min(...rows.map((row) => Number(row.started_us))),
    endedUs,
    services: [...new Set(rows.flatMap((row) => row.services))],
    destinations: [...new Set(rows.flatMap((row) => row.destinations))],
    traceCount,
    spanCount: sum((row) => row.span_count),
    errorCount: sum((row) => row.error_count),
    // Some clients make a receive and a process span for one delivery, some only one of the two.
    hopCount: Math.max(
      sum((row) => row.hop_count),
      sum((row) => row.receive_count),
    ),
    status: statusOf(
      {
        errors: sum((row) => row.error_count),
        dead: sum((row) => row.dead_letter_count),
        redriven: sum((row) => row.redriven_count),
      },
      nowUs - endedUs < RUNNING_US,
    ),
  }
}

/** What the spans alone tell; who knows the dead letters of the brokers may know better. */
function statusOf(
  counts: { readonly errors: number; readonly dead: number; readonly redriven: number },
  isRecent: boolean,
): FlowStatus {
  if (counts.redriven > 0) return 'redriven'
  if (counts.dead > 0) return 'dead-lettered'
  if (counts.errors > 0) return 'failed'
  return isRecent ? 'running' : 'completed'
}
