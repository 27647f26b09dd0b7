import type pg from 'pg'
import type { SpanLink } from '#domain/trace/span.ts'
import { dayNumber, dayText } from '#telemetry-store/postgres/copy-row.ts'
import { type FlowName, MAX_NAMED_TRACES } from '#domain/flow/flow-name.ts'

/** A message at a known place, of a trace of which no span carries an id. */
export interface UnnamedMessage {
  readonly span: SpanLink
  readonly destination: string
  readonly lane: string
  readonly sequence: string
  readonly startUs: number
  /** Traces that the span is part of or links to: the record's own context must name one of them. */
  readonly traceIds: readonly string[]
}

export interface UnnamedQuery {
  /** When the flows began; exclusive and inclusive. */
  readonly fromUs: number
  readonly toUs: number
  /** Destinations whose records can be read. */
  readonly destinations: readonly string[]
  readonly limit: number
}

/** Flows of one round that are looked at for a message at a known place. */
const MAX_FLOWS = 2_000

/** The first such message of each trace that has no id of its own and whose record was not read yet, the newest flows first. */
export async function listUnnamedMessages(pool: pg.Pool, query: UnnamedQuery): Promise<readonly UnnamedMessage[]> {
  const found = await pool.query<UnnamedMessage & { traceId: string; spanId: string; links: Buffer | null }>({
    name: 'telemetry-unnamed-messages',
    text: `select replace(s.trace_id::text, '-', '') as "traceId", encode(s.span_id, 'hex') as "spanId", s.destination,
             s.partition as lane, s.message_offset as sequence, s.start_us::float8 as "startUs", s.links
           from (
             select case when f.is_fallback then f.flow_key::uuid end as trace_id, f.started_us from flow f
             where f.is_fallback and f.started_us > $1 and f.started_us <= $2 and f.destinations && $3::text[]
             order by f.started_us desc limit ${MAX_FLOWS}
           ) f
           cross join lateral (
             select trace_id, span_id, destination, partition, message_offset, start_us, links from span
             where span.trace_id = f.trace_id and system = 'kafka' and destination = any($3::text[])
               and partition ~ '^[0-9]{1,9}$' and message_offset ~ '^[0-9]{1,18}$' and coalesce(batch_count, 1) <= 1
             order by start_us limit 1
           ) s
           where not exists (select from record_id r where r.trace_id = f.trace_id)
           order by f.started_us desc limit $4`,
    values: [Math.floor(query.fromUs), Math.floor(query.toUs), query.destinations, query.limit],
  })
  return found.rows.map(({ traceId, spanId, links, ...rest }) => ({
    ...rest,
    span: { traceId, spanId },
    traceIds: [traceId, ...linkedTraces(links)],
  }))
}

const linkedTraces = (links: Buffer | null): readonly string[] =>
  links === null
    ? []
    : Array.from({ length: Math.floor(links.length / 24) }, (_, at) => links.toString('hex', at * 24, at * 24 + 16))

/** What was read of one record; without ids it is not looked at again. */
export interface ReadRecord {
  readonly span: SpanLink
  /** Whom the record's own trace context names; null when it has none. */
  readonly sender: SpanLink | null
  readonly destination: string
  readonly position: string
  readonly correlationId: string | null
  readonly foundIn: string | null
  readonly aliases: readonly string[]
}

/** Keeps what records said; a trace that another collector has just looked at gets a second row, which does no harm. */
export async function saveRecordIds(pool: pg.Pool, records: readonly ReadRecord[], nowMs: number): Promise<void> {
  if (records.length === 0) return
  await pool.query({
    name: 'telemetry-save-record-ids',
    text: `insert into record_id (ingest_day, trace_id, span_id, sender_trace_id, sender_span_id, destination, position, correlation_id, found_in, aliases)
           select $1::date, trace_id, span_id, sender_trace_id, sender_span_id, destination, position, correlation_id, found_in,
             array(select jsonb_array_elements_text(aliases))
           from unnest($2::uuid[], $3::bytea[], $4::uuid[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[])
             as read (trace_id, span_id, sender_trace_id, sender_span_id, destination, position, correlation_id, found_in, aliases)`,
    values: [
      dayText(dayNumber(nowMs)),
      records.map(({ span }) => span.traceId),
      records.map(({ span }) => Buffer.from(span.spanId, 'hex')),
      records.map(({ sender }) => sender?.traceId ?? null),
      records.map(({ sender }) => (sender === null ? null : Buffer.from(sender.spanId, 'hex'))),
      records.map(({ destination }) => destination),
      records.map(({ position }) => position),
      records.map(({ correlationId }) => correlationId),
      records.map(({ foundIn }) => foundIn),
      records.map(({ aliases }) => JSON.stringify(aliases)),
    ],
  })
}

/** A message whose record was read, with the ends that are known of it. */
export interface NamedMessage extends Omit<FlowName, 'joinedTraceCount'> {
  readonly ends: readonly SpanLink[]
}

interface NamedRow {
  readonly id: string
  readonly found_in: string
  readonly destination: string
  readonly position: string
  readonly trace_id: string
  readonly span_id: string
  readonly sender_trace_id: string | null
  readonly sender_span_id: string | null
}

const COLUMNS = `correlation_id as id, found_in, destination, position, replace(trace_id::text, '-', '') as trace_id,
  encode(span_id, 'hex') as span_id, replace(sender_trace_id::text, '-', '') as sender_trace_id,
  encode(sender_span_id, 'hex') as sender_span_id`

/** What records say of messages of these traces. */
export async function readNamesOfTraces(pool: pg.Pool, traceIds: readonly string[]): Promise<readonly NamedMessage[]> {
  if (traceIds.length === 0) return []
  const found = await pool.query<NamedRow>({
    name: 'telemetry-names-of-traces',
    text: `select ${COLUMNS} from record_id where trace_id = any($1::uuid[]) and correlation_id is not null
           union select ${COLUMNS} from record_id where sender_trace_id = any($1::uuid[]) and correlation_id is not null
           limit 1000`,
    values: [traceIds],
  })
  return found.rows.map(toNamed)
}

/** Messages whose records carry one of these ids: at most one more than {@link MAX_NAMED_TRACES} of each. */
export async function readMessagesNamed(pool: pg.Pool, ids: readonly string[]): Promise<readonly NamedMessage[]> {
  if (ids.length === 0) return []
  const found = await pool.query<NamedRow>({
    name: 'telemetry-messages-named',
    text: `select found.* from unnest($1::text[]) as asked (id) cross join lateral (
             select distinct on (coalesce(sender_trace_id, trace_id)) ${COLUMNS} from record_id where correlation_id = asked.id
             limit ${MAX_NAMED_TRACES + 1}) found`,
    values: [ids],
  })
  return found.rows.map(toNamed)
}

const toNamed = (row: NamedRow): NamedMessage => ({
  id: row.id,
  foundIn: row.found_in,
  destination: row.destination,
  position: row.position,
  ends: [
    ...(row.sender_trace_id === null || row.sender_span_id === null
      ? []
      : [{ traceId: row.sender_trace_id, spanId: row.sender_span_id }]),
    { traceId: row.trace_id, spanId: row.span_id },
  ],
})
