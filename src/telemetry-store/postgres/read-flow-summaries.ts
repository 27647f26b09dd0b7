import type pg from 'pg'
import type { FlowStatus, FlowSummary } from '#domain/flow/flow.ts'

/** A flow whose last span ended this recently may well go on. */
const RUNNING_US = 5_000_000

/** An id that is on more traces is on "that many or more". */
const MAX_COUNTED_TRACES = 10_000

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

/** The list rows of flows, in the order of the keys; a flow over several days is the sum of its rows. */
export async function readFlowSummaries(
  pool: pg.Pool,
  keys: readonly string[],
  nowUs: number,
): Promise<readonly FlowSummary[]> {
  if (keys.length === 0) return []
  const [rows, traces] = await Promise.all([
    pool.query<FlowRow>({
      name: 'telemetry-flow-rows',
      text: 'select * from flow where flow_key = any($1::text[]) order by ingest_day',
      values: [keys],
    }),
    pool.query<{ flow_key: string; count: string }>({
      name: 'telemetry-flow-traces',
      text: `select asked.flow_key, m.count from unnest($1::text[]) as asked (flow_key) cross join lateral (
               select count(distinct trace_id) from (
                 select trace_id from flow_member where flow_key = asked.flow_key limit ${MAX_COUNTED_TRACES}) counted) m`,
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
