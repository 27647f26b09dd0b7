import type pg from 'pg'
import { followService, type ServiceEvent } from '#domain/trace/follow-service.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'
import { findTurns } from '#telemetry-store/postgres/find-turns.ts'
import { hashOfMark, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { EVENT } from '#telemetry-store/postgres/message-event-row.ts'
import type { SpanBridge } from '#telemetry-store/telemetry-store.ts'

/** Receivers of one round that are followed; a flow with more of them is too wide to be guessed at. */
const MAX_RECEIVERS = 20
const MAX_EVENTS = 1_000
const BEFORE_US = 5_000_000
const AFTER_US = 5_000_000
const KEY_WITHIN_US = 60_000_000
/** Nobody handles a message in so short a time: the span ended before the work began. */
const DETACHED_US = 1_000

/**
 * What was sent on for messages whose receiving span was over before the work began, so that the send is a root of its
 * own: by the record key, when one send has it; else by what the service had in hand at the time.
 * @param sentOn keys (trace and span id) of receivers below which something was sent
 * @param isOurs whether a sender is of the flow: of a poll of several messages only those are followed
 */
export async function findContinuations(
  pool: pg.Pool,
  fresh: readonly SpanRecord[],
  sentOn: ReadonlySet<string>,
  isOurs: (sender: SpanLink) => boolean,
): Promise<readonly SpanBridge[]> {
  const handled = sendersOfHandled(fresh)
  const receivers = fresh.filter(
    (span) =>
      isDetached(span) &&
      !sentOn.has(`${span.traceId}${span.spanId}`) &&
      !span.links.some((link) => handled.has(handledKey(span, link))),
  )
  const found: SpanBridge[] = []
  for (const receiver of receivers.slice(0, MAX_RECEIVERS)) {
    const byKey = receiver.links.length > 1 ? [] : await findByKey(pool, receiver)
    found.push(...(byKey.length > 0 ? byKey : await findByOrder(pool, receiver, isOurs)))
  }
  return found
}

function isDetached({ messaging, durationUs, links }: SpanRecord): boolean {
  if (messaging?.operation === 'receive') return true
  return messaging?.operation === 'process' && links.length <= 1 && durationUs < DETACHED_US
}

const handledKey = ({ service }: SpanRecord, { traceId, spanId }: SpanLink): string => `${service}${traceId}${spanId}`

/** Messages with a process span of their own, by service and sender: the poll that brought them tells nothing more. */
function sendersOfHandled(spans: readonly SpanRecord[]): ReadonlySet<string> {
  const handled = new Set<string>()
  for (const span of spans) {
    if (span.messaging?.operation !== 'process' || isDetached(span)) continue
    for (const link of span.links) handled.add(handledKey(span, link))
    if (span.parentSpanId !== null) handled.add(handledKey(span, { traceId: span.traceId, spanId: span.parentSpanId }))
  }
  return handled
}

interface RootSend {
  readonly trace_id: string
  readonly span_id: string
  readonly destination: string
}

async function findByKey(pool: pg.Pool, receiver: SpanRecord): Promise<readonly SpanBridge[]> {
  const key = receiver.messaging?.messageKey ?? null
  if (key === null) return []
  const { rows } = await pool.query<RootSend>({
    name: 'telemetry-continuations-by-key',
    text: `select replace(s.trace_id::text, '-', '') as trace_id, encode(s.span_id, 'hex') as span_id, s.destination
           from (select distinct trace_id from (
                   select trace_id from flow_mark where kind = ${MARK.messageKey} and value = $1 and trace_id is not null
                     and at_us between $2 and $2 + ${KEY_WITHIN_US} order by at_us limit 20) nearest) marked
           join span s on s.trace_id = marked.trace_id
           where s.operation = 1 and s.parent_span_id is null and s.links is null and s.service = $3 and s.message_key = $4
             and s.start_us >= $2 and s.destination <> $5 limit 20`,
    values: [hashOfMark(key), receiver.startUs, receiver.service, key, receiver.messaging?.destination ?? ''],
  })
  const byDestination = Map.groupBy(rows, ({ destination }) => destination)
  return [...byDestination.values()].flatMap(([only, second]) =>
    only === undefined || second !== undefined ? [] : [bridgeTo(receiver, only.trace_id, only.span_id, 'key')],
  )
}

interface EventRow {
  readonly event: number
  readonly at_us: string
  readonly trace_id: string
  readonly span_id: string
  readonly message: string | null
}

async function findByOrder(
  pool: pg.Pool,
  receiver: SpanRecord,
  isOurs: (sender: SpanLink) => boolean,
): Promise<readonly SpanBridge[]> {
  const inTurn = await findTurns(pool, receiver, isOurs)
  const sent = inTurn.length > 0 || receiver.links.length > 1 ? inTurn : await findInHand(pool, receiver)
  if (sent.length === 0) return []
  const roots = await pool.query<{ key: string }>({
    name: 'telemetry-root-sends',
    text: `select replace(trace_id::text, '-', '') || encode(span_id, 'hex') as key from span
           where trace_id = any($1::uuid[]) and span_id = any($2::bytea[]) and parent_span_id is null and links is null`,
    values: [sent.map(({ traceId }) => traceId), sent.map(({ spanId }) => Buffer.from(spanId, 'hex'))],
  })
  const isRoot = new Set(roots.rows.map(({ key }) => key))
  return sent.flatMap(({ traceId, spanId }) =>
    isRoot.has(`${traceId}${spanId}`) ? [bridgeTo(receiver, traceId, spanId, 'order')] : [],
  )
}

/** What was sent while the service had only this message in hand. */
async function findInHand(pool: pg.Pool, receiver: SpanRecord): Promise<readonly SpanLink[]> {
  const { rows } = await pool.query<EventRow>({
    name: 'telemetry-service-events',
    text: `select event, at_us, replace(trace_id::text, '-', '') as trace_id, encode(span_id, 'hex') as span_id,
             coalesce(sender_trace_id::text || encode(sender_span_id, 'hex'), position_hash::text, message_hash::text, encode(span_id, 'hex')) as message
           from message_event
           where service = $1 and at_us between $2 and $3 and event in (${EVENT.sent}, ${EVENT.processed}, ${EVENT.fetched})
           order by at_us limit ${MAX_EVENTS + 1}`,
    values: [receiver.service, receiver.startUs - BEFORE_US, receiver.startUs + AFTER_US],
  })
  // A service that does so much at a time has more than one message in hand.
  if (rows.length > MAX_EVENTS) return []
  const message =
    rows.find((row) => row.span_id === receiver.spanId && row.trace_id === receiver.traceId)?.message ?? null
  if (message === null) return []
  const events = rows.map((row): ServiceEvent => ({
    kind: row.event === EVENT.sent ? 'sent' : 'took',
    atUs: Number(row.at_us),
    message: row.message,
    traceId: row.trace_id,
    spanId: row.span_id,
  }))
  return followService(events, message).filter(({ atUs }) => atUs >= receiver.startUs)
}

const bridgeTo = (receiver: SpanRecord, traceId: string, spanId: string, by: SpanBridge['by']): SpanBridge => ({
  from: { traceId: receiver.traceId, spanId: receiver.spanId },
  to: { traceId, spanId },
  by,
})
