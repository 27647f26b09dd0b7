import type pg from 'pg'
import { VALUE_SEPARATOR } from '#otlp/attribute-list.ts'
import { SPAN_RECORD_COLUMNS, type SpanRow, toSpanRecord } from '#telemetry-store/postgres/span-record.ts'
import type { SpanDetail, SpanEvent } from '#telemetry-store/telemetry-store.ts'

/** The attributes of a span as they are stored: with their keys, or apart from them. */
export interface AttributeRow {
  readonly attributes: Readonly<Record<string, unknown>> | null
  readonly attribute_values: string | null
  readonly keys: readonly string[] | null
  readonly is_json: readonly boolean[] | null
}

interface DetailRow extends SpanRow, AttributeRow {
  readonly all_events: readonly SpanEvent[] | null
}

export function readAttributes(row: AttributeRow): Readonly<Record<string, unknown>> {
  if (row.attributes !== null) return row.attributes
  if (row.attribute_values === null) return {}
  const values = row.attribute_values.split(VALUE_SEPARATOR)
  return Object.fromEntries(
    (row.keys ?? []).map((key, place): [string, unknown] => {
      const value = values[place] ?? ''
      return [key, row.is_json?.[place] === true ? JSON.parse(value) : value]
    }),
  )
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
    `select ${SPAN_RECORD_COLUMNS}, attributes, events as all_events, attribute_values, key_set.keys, key_set.is_json
     from span
     left join lateral (select keys, is_json from attribute_key_set k where k.key_set_id = span.key_set_id limit 1) key_set on true
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
    attributes: readAttributes(row),
    resource: origin?.resource ?? {},
    events: row.all_events ?? [],
    scope: origin?.scope ?? null,
  }
}
