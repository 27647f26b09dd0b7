import type pg from 'pg'
import type { ObservedSpan } from '#domain/convention/observed-span.ts'
import { SPAN_RECORD_COLUMNS, type SpanRow, toSpanRecord } from '#telemetry-store/postgres/span-record.ts'
import { OWN_SERVICE } from '#telemetry-store/postgres/own-service.ts'
import type { TelemetryWindow } from '#telemetry-store/telemetry-store.ts'

const BUCKET_US = 10_000_000
const MAX_ROLLUPS = 300_000
/** Newest buckets in which a service was active, and how many traces of it are taken from each. */
const BUCKETS_PER_SERVICE = 4
const TRACES_PER_BUCKET = 10
const MAX_TRACES = 600
const SPANS_PER_TRACE = 500
const MAX_SPANS = 20_000

/**
 * Recent traces of every service that sent or took messages in the window. The rollups tell when a service was last
 * active, so that a quiet one is found without reading what the busy ones did in between.
 */
export async function observeServices(pool: pg.Pool, window: TelemetryWindow): Promise<readonly ObservedSpan[]> {
  const servicesByBucket = await findActiveBuckets(pool, window)
  const traceIds = await findTraces(pool, servicesByBucket)
  if (traceIds.length === 0) return []
  const found = await pool.query<ObservedRow>({
    name: 'telemetry-observe-spans',
    text: `select spans.* from unnest($1::uuid[]) as wanted (id) cross join lateral (
             select ${SPAN_RECORD_COLUMNS}, dropped_attribute_count,
               coalesce(key_set.keys, array(select json_object_keys(attributes))) as attribute_keys
             from span left join lateral (select keys from attribute_key_set k where k.key_set_id = span.key_set_id limit 1) key_set on true
             where trace_id = wanted.id limit ${SPANS_PER_TRACE}
           ) spans limit ${MAX_SPANS}`,
    values: [traceIds],
  })
  const origins = await readOrigins(pool, [...new Set(found.rows.map((row) => row.origin_id))])
  return found.rows.map((row) => {
    const origin = origins.get(row.origin_id)
    return {
      span: toSpanRecord(row, new Map()),
      attributeKeys: row.attribute_keys,
      droppedAttributeCount: row.dropped_attribute_count ?? 0,
      scope: origin?.scope ?? null,
      language: origin?.language ?? null,
    }
  })
}

interface ObservedRow extends SpanRow {
  readonly attribute_keys: readonly string[]
  readonly dropped_attribute_count: number | null
}

async function findActiveBuckets(
  pool: pg.Pool,
  window: TelemetryWindow,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = await pool.query<{ service: string; bucket_s: string }>({
    name: 'telemetry-active-buckets',
    text: `select service, bucket_s from (
             select service, bucket_s, row_number() over (partition by service order by bucket_s desc) as place
             from (select service, bucket_s from rollup where bucket_s >= $1 and bucket_s < $2 and service <> $3
                   order by bucket_s desc limit ${MAX_ROLLUPS}) recent
             group by service, bucket_s
           ) placed where place <= ${BUCKETS_PER_SERVICE}`,
    values: [Math.floor(window.fromUs / 1_000_000), Math.ceil(window.toUs / 1_000_000), OWN_SERVICE],
  })
  const services = new Map<number, string[]>()
  for (const { service, bucket_s: bucketS } of found.rows) {
    const known = services.get(Number(bucketS))
    if (known === undefined) services.set(Number(bucketS), [service])
    else known.push(service)
  }
  return services
}

async function findTraces(
  pool: pg.Pool,
  servicesByBucket: ReadonlyMap<number, readonly string[]>,
): Promise<readonly string[]> {
  if (servicesByBucket.size === 0) return []
  const wanted = [...servicesByBucket].map(([bucketS, services]) => ({ from_us: bucketS * 1_000_000, services }))
  const found = await pool.query<{ trace_id: string }>({
    name: 'telemetry-observe-traces',
    text: `select distinct chosen.trace_id from json_to_recordset($1::json) as wanted (from_us bigint, services text[])
           cross join lateral unnest(wanted.services) as active (name)
           cross join lateral (
             select e.trace_id from message_event e
             where e.at_us >= wanted.from_us and e.at_us < wanted.from_us + ${BUCKET_US} and e.service = active.name
             limit ${TRACES_PER_BUCKET}
           ) chosen limit ${MAX_TRACES}`,
    values: [JSON.stringify(wanted)],
  })
  return found.rows.map((row) => row.trace_id)
}

async function readOrigins(
  pool: pg.Pool,
  originIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly scope: string | null; readonly language: string | null }>> {
  const found = await pool.query<{ origin_id: string; scope: string | null; language: string | null }>({
    name: 'telemetry-observe-origins',
    text: `select distinct on (origin_id) origin_id, scope, resource ->> 'telemetry.sdk.language' as language
           from span_origin where origin_id = any($1::bigint[])`,
    values: [originIds],
  })
  return new Map(found.rows.map((row) => [row.origin_id, row]))
}
