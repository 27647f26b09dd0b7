import type pg from 'pg'
import type { SpanRecord } from '#domain/trace/span.ts'
import { SPAN_RECORD_COLUMNS, type SpanRow, toSpanRecord } from '#telemetry-store/postgres/span-record.ts'
import { OPERATION_NUMBERS } from '#telemetry-store/postgres/span-row.ts'
import type { TakenQuery, TakenSpans } from '#telemetry-store/telemetry-store.ts'

/** Deliveries of all destinations in the shortened window: they lie side by side on disk, whichever are wanted. */
const MAX_DELIVERIES = 50_000
const MAX_SPANS = 20_000
const SPANS_PER_TRACE = 500
const MAX_TRACES = 200
const TAKING = `(${OPERATION_NUMBERS.indexOf('receive')}, ${OPERATION_NUMBERS.indexOf('process')})`

/** Spans of taking messages in a window that the rollups say is not too full to be read. */
export async function readTakenSpans(pool: pg.Pool, query: TakenQuery): Promise<TakenSpans> {
  const fromUs = await shortenWindow(pool, query)
  const found = await pool.query<SpanRow>({
    name: 'telemetry-taken-spans',
    text: `select ${SPAN_RECORD_COLUMNS} from span
           where start_us >= $1 and start_us < $2 and operation in ${TAKING} and ($3::text is null or destination = $3)
           order by start_us desc limit ${MAX_SPANS}`,
    values: [fromUs, query.toUs, query.destination],
  })
  const oldest = found.rows.at(-1)
  const isCut = found.rows.length === MAX_SPANS && oldest !== undefined
  return {
    spans: found.rows.map((row) => toSpanRecord(row, new Map())).toReversed(),
    fromUs: isCut ? Number(oldest.start_us) : fromUs,
  }
}

async function shortenWindow(pool: pg.Pool, { fromUs, toUs }: TakenQuery): Promise<number> {
  const found = await pool.query<{ bucket_s: string; received: string }>({
    name: 'telemetry-received-per-bucket',
    text: `select bucket_s, sum(received_count) as received from rollup
           where bucket_s >= $1 and bucket_s < $2 group by bucket_s order by bucket_s desc`,
    values: [Math.floor(fromUs / 1_000_000), Math.ceil(toUs / 1_000_000)],
  })
  let sum = 0
  for (const [index, { received }] of found.rows.entries()) {
    sum += Number(received)
    // The newest bucket is read whole however full it is: the limit on spans bounds it.
    const before = found.rows[index - 1]
    if (sum > MAX_DELIVERIES && before !== undefined) return Math.max(fromUs, Number(before.bucket_s) * 1_000_000)
  }
  return fromUs
}

/** The spans of at most 200 traces, 500 of each. */
export async function readTraces(pool: pg.Pool, traceIds: readonly string[]): Promise<readonly SpanRecord[]> {
  if (traceIds.length === 0) return []
  const found = await pool.query<SpanRow>({
    name: 'telemetry-read-some-traces',
    text: `select spans.* from unnest($1::uuid[]) as wanted (id) cross join lateral (
             select ${SPAN_RECORD_COLUMNS} from span where trace_id = wanted.id limit ${SPANS_PER_TRACE}
           ) spans`,
    values: [[...new Set(traceIds)].slice(0, MAX_TRACES)],
  })
  return found.rows.map((row) => toSpanRecord(row, new Map()))
}
