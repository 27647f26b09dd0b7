import type pg from 'pg'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'
import { SPAN_KINDS } from '#otlp/span-draft.ts'
import { OPERATION_NUMBERS, SAME_AS_CORRELATION } from '#telemetry-store/postgres/span-row.ts'
import type { SpanEvent } from '#telemetry-store/telemetry-store.ts'

const LINK_BYTES = 24

/** The columns that {@link toSpanRecord} needs; events only where they hold the stack of an exception. */
export const SPAN_RECORD_COLUMNS = `replace(trace_id::text, '-', '') as trace_id, encode(span_id, 'hex') as span_id,
  encode(parent_span_id, 'hex') as parent_span_id, service, name, kind, start_us, duration_us, status, status_message,
  correlation_id, origin_id, system, operation, destination, partition, message_offset, message_id, consumer_group, client_id,
  message_key, conversation_id, batch_count, exception_type, exception_message, links, dropped_link_count,
  case when exception_type is not null or exception_message is not null then events end as events`

/** Links of the spans of one reading; batches of a thousand messages each would fill the memory. */
export const MOST_LINKS_READ = 500_000
/** Longer texts of failures are cut: a flow says what failed, the span has all of it. */
const FAILURE_CHARACTERS = 500

/**
 * {@link SPAN_RECORD_COLUMNS} for as many spans as a flow has: without stacks, with cut texts, and with links of the
 * earliest spans only. `link_bytes` says what a span without `links` had. For a query that is ordered by `start_us`.
 */
export const FLOW_SPAN_COLUMNS = SPAN_RECORD_COLUMNS.replace('status_message,', `${cut('status_message')},`)
  .replace(
    'exception_type, exception_message, links,',
    `${cut('exception_type')}, ${cut('exception_message')}, ${linksWithin(MOST_LINKS_READ)},`,
  )
  .replace(/case when exception_type.*$/s, 'null as events')

function cut(column: string): string {
  return `left(${column}, ${FAILURE_CHARACTERS}) as ${column}`
}

function linksWithin(most: number): string {
  return `coalesce(octet_length(links), 0) as link_bytes, case when links is not null and
    sum(octet_length(links)) over (order by start_us rows unbounded preceding) <= ${most * LINK_BYTES} then links end as links`
}

export interface SpanRow {
  readonly trace_id: string
  readonly span_id: string
  readonly parent_span_id: string | null
  readonly service: string
  readonly name: string
  readonly kind: number
  readonly start_us: string
  readonly duration_us: string
  readonly status: number
  readonly status_message: string | null
  readonly correlation_id: string | null
  readonly origin_id: string
  readonly system: string | null
  readonly operation: number | null
  readonly destination: string | null
  readonly partition: string | null
  readonly message_offset: string | null
  readonly message_id: string | null
  readonly consumer_group: string | null
  readonly client_id: string | null
  readonly message_key: string | null
  readonly conversation_id: string | null
  readonly batch_count: number | null
  readonly exception_type: string | null
  readonly exception_message: string | null
  readonly links: Buffer | null
  readonly dropped_link_count: number | null
  readonly events: readonly SpanEvent[] | null
}

const STATUS_NAMES = ['unset', 'ok', 'error'] as const

export function toSpanRecord(row: SpanRow, versions: ReadonlyMap<string, string | null>): SpanRecord {
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    service: row.service,
    serviceVersion: versions.get(row.origin_id) ?? null,
    name: row.name,
    kind: SPAN_KINDS[row.kind] ?? 'internal',
    startUs: Number(row.start_us),
    durationUs: Math.max(0, Number(row.duration_us)),
    isReversed: Number(row.duration_us) < 0,
    status: STATUS_NAMES[row.status] ?? 'unset',
    statusMessage: row.status_message,
    correlationId: row.correlation_id,
    messaging: toFacts(row),
    exception: toException(row),
    links: toLinks(row.links),
    droppedLinkCount: row.dropped_link_count ?? 0,
  }
}

function toFacts(row: SpanRow): SpanRecord['messaging'] {
  const operation = row.operation === null ? undefined : OPERATION_NUMBERS[row.operation]
  if (operation === undefined || row.system === null) return null
  return {
    system: row.system,
    operation,
    destination: row.destination,
    partition: row.partition,
    offset: row.message_offset,
    messageId: row.message_id,
    consumerGroup: row.consumer_group,
    clientId: row.client_id,
    messageKey: row.message_key,
    conversationId: row.conversation_id === SAME_AS_CORRELATION ? row.correlation_id : row.conversation_id,
    batchCount: row.batch_count,
  }
}

function toException(row: SpanRow): SpanRecord['exception'] {
  if (row.exception_type === null && row.exception_message === null) return null
  const event = row.events?.findLast(({ name }) => name === 'exception')
  const stack = event?.attributes['exception.stacktrace']
  return {
    type: row.exception_type,
    message: row.exception_message,
    stack: typeof stack === 'string' ? stack : null,
  }
}

function toLinks(bytes: Buffer | null): readonly SpanLink[] {
  if (bytes === null) return []
  return Array.from({ length: Math.floor(bytes.length / LINK_BYTES) }, (_, index) => ({
    traceId: bytes.toString('hex', index * LINK_BYTES, index * LINK_BYTES + 16),
    spanId: bytes.toString('hex', index * LINK_BYTES + 16, (index + 1) * LINK_BYTES),
  }))
}

/** The service version of each origin. */
export async function readVersions(
  pool: pg.Pool,
  originIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (originIds.length === 0) return new Map()
  const found = await pool.query<{ origin_id: string; service_version: string | null }>({
    name: 'telemetry-read-versions',
    text: 'select distinct origin_id, service_version from span_origin where origin_id = any($1::bigint[])',
    values: [originIds],
  })
  return new Map(found.rows.map((row) => [row.origin_id, row.service_version]))
}
