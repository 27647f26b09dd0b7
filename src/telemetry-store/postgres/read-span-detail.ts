import type pg from 'pg'
import { SPAN_RECORD_COLUMNS, type SpanRow, toSpanRecord } from '#telemetry-store/postgres/span-record.ts'
import type { SpanDetail, SpanEvent } from '#telemetry-store/telemetry-store.ts'

interface DetailRow extends SpanRow {
  readonly attributes: Readonly<Record<string, unknown>> | null
  readonly all_events: readonly SpanEvent[] | null
}

interface OriginRow {
  readonly service_version: string | null
  readonly scope: string | null
  readonly resource: Readonly<Record<string, unknown>>
}

/** Everything that was stored of one span. */
export async function readSpanDetail(pool: pg.Pool, traceId: string, spanId: string): Promise<SpanDetail | null> {
  if (!/^[0-9a-f]{32}$/i.test(traceId) || !/^[0-9a-f]{16}$/i.test(spanId)) return null
  const found = await pool.query<DetailRow>(
    `select ${SPAN_RECORD_COLUMNS}, attributes, events as all_events from span
     where trace_id = $1::uuid and span_id = $2 limit 1`,
    [traceId, Buffer.from(spanId, 'hex')],
  )
  const [row] = found.rows
  if (row === undefined) return null
  const origins = await pool.query<OriginRow>(
    'select service_version, scope, resource from span_origin where origin_id = $1 limit 1',
    [row.origin_id],
  )
  const [origin] = origins.rows
  return {
    span: toSpanRecord(row, new Map([[row.origin_id, origin?.service_version ?? null]])),
    attributes: row.attributes ?? {},
    resource: origin?.resource ?? {},
    events: row.all_events ?? [],
    scope: origin?.scope ?? null,
  }
}
