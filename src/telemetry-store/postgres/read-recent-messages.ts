import type pg from 'pg'
import type { SampledMessage } from '#domain/trace/preview-rule.ts'
import { type AttributeRow, readAttributes } from '#telemetry-store/postgres/read-span-detail.ts'
import { OPERATION_NUMBERS } from '#telemetry-store/postgres/span-row.ts'
import type { RecentMessagesQuery } from '#telemetry-store/telemetry-store.ts'

/** Buckets of ten seconds that are looked into; of each a part of the wanted messages, so that they differ in time. */
const MAX_BUCKETS = 20
const MAX_ROLLUPS = 5_000
const LIMIT_MS = 4_000

interface MessageRow extends AttributeRow {
  readonly trace_id: string
  readonly span_id: string
  readonly service: string
  readonly name: string
  readonly start_us: string
  readonly system: string
  readonly operation: number
  readonly destination: string
  readonly correlation_id: string | null
  readonly conversation_id: string | null
  readonly scope: string | null
}

/**
 * The sums say in which ten seconds there was something of the destinations; of each a few messages are taken. Gives up
 * after four seconds.
 */
export async function readRecentMessages(
  pool: pg.Pool,
  query: RecentMessagesQuery,
): Promise<readonly SampledMessage[]> {
  const client = await pool.connect()
  try {
    await client.query(`begin read only; set local statement_timeout = ${LIMIT_MS}`)
    const found = await client.query<MessageRow>(SAMPLE, [
      Math.floor(query.fromUs / 1_000_000),
      likePattern(query.destination),
      query.system,
      Math.max(4, Math.ceil((query.limit * 2) / MAX_BUCKETS)),
      query.limit,
    ])
    return found.rows.map(toSample).toSorted((a, b) => b.atUs - a.atUs)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

const SAMPLE = `
  with recent as (
    select distinct bucket_s from (
      select bucket_s from rollup where bucket_s >= $1 and destination like $2 order by bucket_s desc limit ${MAX_ROLLUPS}
    ) sums order by bucket_s desc limit ${MAX_BUCKETS}
  ), event as (
    select distinct e.trace_id, e.span_id from recent cross join lateral (
      select trace_id, span_id from message_event
      where at_us >= bucket_s * 1000000 and at_us < (bucket_s + 10) * 1000000 and destination like $2
        and ($3::text is null or system = $3)
      limit $4
    ) e limit $5
  )
  select replace(s.trace_id::text, '-', '') as trace_id, encode(s.span_id, 'hex') as span_id, s.service, s.name, s.start_us,
    s.system, s.operation, s.destination, s.correlation_id, s.conversation_id, s.attributes, s.attribute_values,
    k.keys, k.is_json, o.scope
  from event cross join lateral (
    select * from span where span.trace_id = event.trace_id and span.span_id = event.span_id limit 1
  ) s
  left join lateral (select keys, is_json from attribute_key_set k where k.key_set_id = s.key_set_id limit 1) k on true
  left join lateral (select scope from span_origin o where o.origin_id = s.origin_id limit 1) o on true
  where s.system is not null and s.operation is not null and s.destination is not null`

const likePattern = (glob: string): string => glob.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%')

function toSample(row: MessageRow): SampledMessage {
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    service: row.service,
    spanName: row.name,
    atUs: Number(row.start_us),
    system: row.system,
    operation: OPERATION_NUMBERS[row.operation] ?? 'process',
    destination: row.destination,
    scope: row.scope,
    storedId: row.correlation_id,
    attributes: readAttributes(row),
  }
}
