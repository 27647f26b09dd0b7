import type pg from 'pg'
import type { SpanRecord } from '#domain/trace/span.ts'
import { hashOfMark, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { EVENT, messageHash, positionHash } from '#telemetry-store/postgres/message-event-row.ts'

/** A span that took a message which one of ours sent. */
export interface FoundReceiver {
  readonly traceId: string
  readonly spanId: string
  /** The record key of that message; null when the sender does not say. */
  readonly messageKey: string | null
}

const MAX_ROWS = 10_000
/** Positions begin anew when a topic is made again, and clusters may share names: halves this far apart are of two. */
const MAX_APART_US = 86_400_000_000
/** A batch whose links were cut took its messages within this time after they were sent. */
const MAX_BATCH_DELAY_US = 3_600_000_000
const MAX_KEYS = 200

/**
 * Who took the messages of these spans: those whose links name them; those that name no sender at all but the message id
 * or the position; and batches whose links were cut, when they sent something on under the record key of the message.
 */
export async function findReceivers(pool: pg.Pool, spans: readonly SpanRecord[]): Promise<readonly FoundReceiver[]> {
  const acting = spans.filter(({ messaging }) => messaging !== null && messaging.operation !== 'settle')
  if (acting.length === 0) return []
  const linked = await findLinked(pool, acting)
  const sending = acting.filter(({ messaging }) => messaging?.operation === 'send' || messaging?.operation === 'create')
  const named = await findNamed(pool, sending)
  const taken = new Set([...linked, ...named].map(({ sender }) => sender))
  const parents = parentsOfReceivers(spans)
  const open = sending.filter((span) => !taken.has(span) && !parents.has(`${span.traceId}${span.spanId}`))
  const cut = await findCutBatches(pool, open)
  return [...linked, ...named, ...cut].map(({ sender, traceId, spanId }) => ({
    traceId,
    spanId,
    messageKey: sender.messaging?.messageKey ?? null,
  }))
}

interface Taken {
  readonly sender: SpanRecord
  readonly traceId: string
  readonly spanId: string
}

async function findLinked(pool: pg.Pool, spans: readonly SpanRecord[]): Promise<readonly Taken[]> {
  const found = await pool.query<{ trace_id: string; span_id: string; place: number }>({
    name: 'telemetry-find-receivers',
    text: `select distinct replace(l.trace_id::text, '-', '') as trace_id, encode(l.span_id, 'hex') as span_id, place::int
           from unnest($1::bytea[], $2::uuid[]) with ordinality as sender (span_id, trace_id, place)
           join span_link l on l.linked_span_id = sender.span_id and l.linked_trace_id = sender.trace_id
           limit ${MAX_ROWS}`,
    values: [spans.map((span) => Buffer.from(span.spanId, 'hex')), spans.map((span) => span.traceId)],
  })
  return pairUp(spans, found.rows)
}

/** Receivers without any link or parent, by the ids that both halves have. */
async function findNamed(pool: pg.Pool, senders: readonly SpanRecord[]): Promise<readonly Taken[]> {
  const asked = senders.flatMap((sender, index) => {
    const { messaging } = sender
    if (messaging === null) return []
    const message = messaging.messageId === null || messaging.messageId.length < 8 ? null : messageHash(messaging)
    const position = messaging.partition === null ? null : positionHash(messaging)
    return message === null && position === null ? [] : [{ index, message, position, sentUs: sender.startUs }]
  })
  if (asked.length === 0) return []
  const columns = `replace(m.trace_id::text, '-', '') as trace_id, encode(m.span_id, 'hex') as span_id, place::int`
  const isReceiver = `m.event in (${EVENT.processed}, ${EVENT.fetched}) and m.sender_span_id is null
    and m.at_us between asked.sent_us - ${MAX_APART_US} and asked.sent_us + ${MAX_APART_US}`
  const found = await pool.query<{ trace_id: string; span_id: string; place: number }>({
    name: 'telemetry-find-named-receivers',
    text: `with asked as (
             select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::bigint[]) as given (place, message_hash, position_hash, sent_us))
           select ${columns} from asked join message_event m on m.message_hash = asked.message_hash where ${isReceiver}
           union
           select ${columns} from asked join message_event m on m.position_hash = asked.position_hash where ${isReceiver}
           limit ${MAX_ROWS}`,
    values: [
      asked.map(({ index }) => index + 1),
      asked.map(({ message }) => message?.toString('hex') ?? null),
      asked.map(({ position }) => position?.toString('hex') ?? null),
      asked.map(({ sentUs }) => sentUs),
    ],
  })
  return pairUp(senders, found.rows)
}

/** Batches whose links were cut, in whose traces something was sent under the same record key. */
async function findCutBatches(pool: pg.Pool, senders: readonly SpanRecord[]): Promise<readonly Taken[]> {
  const asked = senders
    .map((sender, index) => ({ sender, place: index + 1 }))
    .filter(({ sender }) => sender.messaging?.messageKey !== null && sender.messaging?.destination !== null)
    .slice(0, MAX_KEYS)
  if (asked.length === 0) return []
  const found = await pool.query<{ trace_id: string; span_id: string; place: number }>({
    name: 'telemetry-find-cut-batches',
    text: `select replace(s.trace_id::text, '-', '') as trace_id, encode(s.span_id, 'hex') as span_id, place::int
           from unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[]) as asked (place, key_hash, destination, sent_us)
           cross join lateral (
             select distinct trace_id from (
               select trace_id from flow_mark m
               where m.kind = ${MARK.messageKey} and m.value = asked.key_hash and m.trace_id is not null
                 and m.at_us between asked.sent_us and asked.sent_us + ${MAX_BATCH_DELAY_US}
               order by m.at_us limit 20) nearest
           ) marked
           join span s on s.trace_id = marked.trace_id and s.dropped_link_count > 0 and s.destination = asked.destination
             and s.operation in (2, 3) and s.start_us >= asked.sent_us
           limit ${MAX_ROWS}`,
    values: [
      asked.map(({ place }) => place),
      asked.map(({ sender }) => hashOfMark(sender.messaging?.messageKey ?? '')),
      asked.map(({ sender }) => sender.messaging?.destination ?? ''),
      asked.map(({ sender }) => sender.startUs),
    ],
  })
  return pairUp(senders, found.rows)
}

/** Spans that a receiver names as its parent. */
function parentsOfReceivers(spans: readonly SpanRecord[]): ReadonlySet<string> {
  return new Set(
    spans.flatMap(({ traceId, parentSpanId, messaging }) =>
      parentSpanId !== null && (messaging?.operation === 'process' || messaging?.operation === 'receive')
        ? [`${traceId}${parentSpanId}`]
        : [],
    ),
  )
}

const pairUp = (
  senders: readonly SpanRecord[],
  rows: readonly { trace_id: string; span_id: string; place: number }[],
): readonly Taken[] =>
  rows.flatMap((row) => {
    const sender = senders[row.place - 1]
    return sender === undefined ? [] : [{ sender, traceId: row.trace_id, spanId: row.span_id }]
  })
