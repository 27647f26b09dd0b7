import type pg from 'pg'
import type { SpanLink } from '#domain/trace/span.ts'
import { EVENT } from '#telemetry-store/postgres/message-event-row.ts'
import type { Delivery } from '#telemetry-store/telemetry-store.ts'

const MAX_SENDERS = 5_000
const MAX_DELIVERIES = 20_000

interface DeliveryRow {
  readonly sender_trace_id: string
  readonly sender_span_id: string
  readonly trace_id: string
  readonly span_id: string
  readonly service: string
  readonly destination: string | null
  readonly consumer_group: string | null
  readonly at_us: string
  readonly ended_us: string
  readonly is_error: boolean
  readonly event: number
}

/**
 * Spans that took a message of these senders, by link or as their child, oldest first. Where a service made a receive
 * and a process span for one message, the process span stands for the delivery. At most 5,000 senders are looked up.
 */
export async function readDeliveriesOf(pool: pg.Pool, senders: readonly SpanLink[]): Promise<readonly Delivery[]> {
  if (senders.length === 0) return []
  const asked = senders.slice(0, MAX_SENDERS)
  const found = await pool.query<DeliveryRow>({
    name: 'telemetry-deliveries',
    text: `select replace(e.sender_trace_id::text, '-', '') as sender_trace_id, encode(e.sender_span_id, 'hex') as sender_span_id,
             replace(e.trace_id::text, '-', '') as trace_id, encode(e.span_id, 'hex') as span_id, e.service, e.destination,
             e.consumer_group, e.at_us, e.ended_us, e.is_error, e.event
           from unnest($1::bytea[], $2::uuid[]) as sender (span_id, trace_id)
           join message_event e on e.sender_span_id = sender.span_id and e.sender_trace_id = sender.trace_id
           where e.event in (${EVENT.processed}, ${EVENT.fetched}) order by e.at_us limit ${MAX_DELIVERIES}`,
    values: [asked.map((sender) => Buffer.from(sender.spanId, 'hex')), asked.map((sender) => sender.traceId)],
  })
  const processed = new Set(
    found.rows.filter((row) => row.event === EVENT.processed).map((row) => `${row.sender_span_id}${row.service}`),
  )
  const deliveries = new Map<string, Delivery>()
  for (const row of found.rows) {
    if (row.event === EVENT.fetched && processed.has(`${row.sender_span_id}${row.service}`)) continue
    const id = `${row.sender_span_id}${row.trace_id}${row.span_id}`
    if (!deliveries.has(id)) deliveries.set(id, toDelivery(row))
  }
  return [...deliveries.values()]
}

const toDelivery = (row: DeliveryRow): Delivery => ({
  sender: { traceId: row.sender_trace_id, spanId: row.sender_span_id },
  receiver: { traceId: row.trace_id, spanId: row.span_id },
  service: row.service,
  destination: row.destination,
  consumerGroup: row.consumer_group,
  receivedUs: Number(row.at_us),
  endedUs: Number(row.ended_us),
  isError: row.is_error,
})
