import type pg from 'pg'
import type { SpanLink } from '#domain/trace/span.ts'
import { EVENT, hashesOfTypedPosition, hashOfMessageId } from '#telemetry-store/postgres/message-event-row.ts'

/** A message as somebody who holds it knows it. */
export interface KnownMessage {
  /** Ids of under 8 characters say nothing without their place and are not looked for. */
  readonly messageId: string | null
  readonly destination: string | null
  /** Where it lay in that destination, for brokers that have positions. */
  readonly partition: string | null
  readonly offset: string | null
}

export interface Receipt extends SpanLink {
  /** Of the message among those asked for, from 0. */
  readonly place: number
  readonly by: 'message-id' | 'position'
}

const LEAST_ID_LENGTH = 8
const MAX_RECEIPTS = 5_000
/** Positions begin anew when a topic is made again: receipts so far from the moment are of another message. */
const MAX_APART_US = 86_400_000_000

/** Spans that took these messages, by the id or position that both know, around a moment of each. */
export async function readReceipts(
  pool: pg.Pool,
  messages: readonly (KnownMessage & { readonly atUs: number })[],
): Promise<readonly Receipt[]> {
  const asked = messages.flatMap((message, place) => hashesOf(message).map((one) => ({ ...one, place, ...message })))
  if (asked.length === 0) return []
  const isReceiver = `m.event in (${EVENT.processed}, ${EVENT.fetched})
    and m.at_us between asked.at_us - ${MAX_APART_US} and asked.at_us + ${MAX_APART_US}`
  const columns = `replace(m.trace_id::text, '-', '') as trace_id, encode(m.span_id, 'hex') as span_id, asked.place, asked.by`
  const found = await pool.query<{ trace_id: string; span_id: string; place: number; by: Receipt['by'] }>({
    name: 'telemetry-receipts',
    text: `with asked as (
             select * from unnest($1::int[], $2::uuid[], $3::text[], $4::bigint[]) as given (place, hash, by, at_us))
           select ${columns} from asked join message_event m on asked.by = 'message-id' and m.message_hash = asked.hash
           where ${isReceiver}
           union
           select ${columns} from asked join message_event m on asked.by = 'position' and m.position_hash = asked.hash
           where ${isReceiver} limit ${MAX_RECEIPTS}`,
    values: [
      asked.map(({ place }) => place),
      asked.map(({ hash }) => hash.toString('hex')),
      asked.map(({ by }) => by),
      asked.map(({ atUs }) => Math.round(atUs)),
    ],
  })
  return found.rows.map((row) => ({ traceId: row.trace_id, spanId: row.span_id, place: row.place, by: row.by }))
}

function hashesOf({ messageId, destination, partition, offset }: KnownMessage) {
  const byId = messageId !== null && messageId.length >= LEAST_ID_LENGTH ? [hashOfMessageId(messageId)] : []
  const byPosition =
    destination === null || offset === null || !/^\d{1,20}$/.test(offset)
      ? []
      : hashesOfTypedPosition(`${destination}/${partition ?? ''}/${offset}`)
  return [
    ...byId.map((hash) => ({ hash, by: 'message-id' as const })),
    ...byPosition.map((hash) => ({ hash, by: 'position' as const })),
  ]
}
