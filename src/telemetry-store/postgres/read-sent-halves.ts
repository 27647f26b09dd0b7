import type pg from 'pg'
import { EVENT } from '#telemetry-store/postgres/message-event-row.ts'
import { OPERATION_NUMBERS } from '#telemetry-store/postgres/span-row.ts'

/** Who took a message. */
export interface Taker {
  readonly service: string
  readonly destination: string
  readonly consumerGroup: string | null
  readonly traceId: string
  readonly spanId: string
}

/** By what the halves of a message are joined. */
export interface MessageKeys {
  readonly traceId: string
  readonly spanId: string
  readonly messageHash: string | null
  readonly positionHash: string | null
}

/** A message that was sent, and everybody who was seen taking it. */
export interface SentHalf extends MessageKeys {
  readonly sentUs: number
  readonly service: string
  readonly system: string
  readonly destination: string
  readonly takers: readonly Taker[]
}

export interface SentQuery {
  readonly destinations: readonly string[]
  /** Exclusive and inclusive. */
  readonly fromUs: number
  readonly toUs: number
  readonly limit: number
}

/** More different takers of one message than these are not told apart. */
const MAX_TAKERS = 30
const DAY_US = 86_400_000_000

/** By the sender's span, or by the identity or place that both halves know. */
const TAKERS = `
  left join lateral (
    select json_agg(taker) as takers from (
      select distinct on (service, destination, consumer_group) service, destination, consumer_group as "consumerGroup",
        replace(trace_id::text, '-', '') as "traceId", encode(span_id, 'hex') as "spanId"
      from (
        (select * from message_event e where e.sender_span_id = s.span_id and e.sender_trace_id = s.trace_id limit 200)
        union all (select * from message_event e where e.message_hash = s.message_hash limit 200)
        union all (select * from message_event e where e.position_hash = s.position_hash limit 200)
      ) half
      where half.event in (${EVENT.processed}, ${EVENT.fetched}) and half.destination is not null
      limit ${MAX_TAKERS}
    ) taker
  ) taken on true`

const COLUMNS = `replace(s.trace_id::text, '-', '') as "traceId", encode(s.span_id, 'hex') as "spanId",
  s.message_hash::text as "messageHash", s.position_hash::text as "positionHash",
  coalesce(taken.takers, '[]'::json) as takers`

/**
 * Messages that were sent to these destinations in a window, by the senders' clocks, oldest first. `reachedUs` is how far
 * the window was read: its end, or the last row when the limit cut it.
 */
export async function readSentHalves(
  pool: pg.Pool,
  query: SentQuery,
): Promise<{ readonly halves: readonly SentHalf[]; readonly reachedUs: number }> {
  const found = await pool.query<SentHalf & { readonly atUs: number }>({
    name: 'telemetry-sent-halves',
    text: `select ${COLUMNS}, s.ended_us::float8 as "sentUs", s.at_us::float8 as "atUs", s.service, s.system, s.destination
           from (
             select * from message_event
             where event = ${EVENT.sent} and not is_error and destination = any($1) and at_us > $2 and at_us <= $3
               and ingest_day >= $4::date
             order by at_us limit $5
           ) s ${TAKERS} order by s.at_us`,
    values: [
      query.destinations,
      Math.floor(query.fromUs),
      Math.floor(query.toUs),
      new Date((query.fromUs - DAY_US) / 1_000).toISOString().slice(0, 10),
      query.limit,
    ],
  })
  const last = found.rows.at(-1)
  const isCut = found.rows.length === query.limit && last !== undefined
  return { halves: found.rows, reachedUs: isCut ? last.atUs : query.toUs }
}

/** For messages that are known: who has taken each of them by now, in the order asked. */
export async function readTakersOf(
  pool: pg.Pool,
  sends: readonly MessageKeys[],
): Promise<readonly (readonly Taker[])[]> {
  if (sends.length === 0) return []
  const found = await pool.query<{ takers: readonly Taker[] }>({
    name: 'telemetry-takers',
    text: `select ${COLUMNS} from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::uuid[])
             with ordinality as s (trace_id, span_id, message_hash, position_hash, at) ${TAKERS} order by s.at`,
    values: [
      sends.map(({ traceId }) => traceId),
      sends.map(({ spanId }) => Buffer.from(spanId, 'hex')),
      sends.map(({ messageHash }) => messageHash),
      sends.map(({ positionHash }) => positionHash),
    ],
  })
  return found.rows.map(({ takers }) => takers)
}

/** What the span of a send tells beside its half. */
export interface SendDetail {
  readonly flowKey: string
  /** The send only wraps another one, or the creation of its messages: it is no message of its own. */
  readonly isWrapper: boolean
  readonly batchCount: number | null
  /** Where the message is, as its own span or one of its takers says. */
  readonly lane: string | null
  readonly position: number | null
}

/** Details of sends, in the order asked; places as the takers' spans know them. */
export async function readSendDetails(pool: pg.Pool, sends: readonly SentHalf[]): Promise<readonly SendDetail[]> {
  if (sends.length === 0) return []
  const found = await pool.query<SendDetail>({
    name: 'telemetry-send-details',
    text: `select coalesce(own.correlation_id,
               (select m.flow_key from flow_member m where m.trace_id = s.trace_id order by m.is_fallback, m.flow_key limit 1),
               replace(s.trace_id::text, '-', '')) as "flowKey",
             exists (select from span c where c.trace_id = s.trace_id and c.parent_span_id = s.span_id
               and c.operation in (${SEND_OPERATIONS}) and (c.destination = own.destination or c.operation = ${CREATE})) as "isWrapper",
             own.batch_count as "batchCount",
             coalesce(own.partition, place.partition) as lane,
             coalesce(own.message_offset, place.message_offset)::float8 as position
           from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::bytea[])
             with ordinality as s (trace_id, span_id, taker_trace_id, taker_span_id, at)
           left join lateral (select correlation_id, destination, batch_count, partition,
               case when message_offset ~ '^[0-9]{1,15}$' then message_offset end as message_offset
             from span where trace_id = s.trace_id and span_id = s.span_id limit 1) own on true
           left join lateral (select partition, case when message_offset ~ '^[0-9]{1,15}$' then message_offset end as message_offset
             from span where trace_id = s.taker_trace_id and span_id = s.taker_span_id limit 1) place on true
           order by s.at`,
    values: [
      sends.map(({ traceId }) => traceId),
      sends.map(({ spanId }) => Buffer.from(spanId, 'hex')),
      sends.map((send) => takerAtSamePlace(send)?.traceId ?? null),
      sends.map((send) => bytesOf(takerAtSamePlace(send)?.spanId)),
    ],
  })
  return found.rows
}

const CREATE = OPERATION_NUMBERS.indexOf('create')
const SEND_OPERATIONS = [CREATE, OPERATION_NUMBERS.indexOf('send')].join(', ')

/** A copy in a queue of its own has another place. */
const takerAtSamePlace = ({ takers, destination }: SentHalf): Taker | undefined =>
  takers.find((taker) => taker.destination === destination)

const bytesOf = (hex: string | undefined): Buffer | null => (hex === undefined ? null : Buffer.from(hex, 'hex'))
