import type pg from 'pg'
import { followSettled, type HandlingEvent } from '#domain/trace/follow-settled.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'
import { EVENT } from '#telemetry-store/postgres/message-event-row.ts'

const AROUND_US = 20_000_000
const MAX_EVENTS = 2_000
/** Messages of one poll; more are not handled one by one. */
const MAX_LINKS = 100

interface EventRow {
  readonly event: number
  readonly at_us: string
  readonly ended_us: string
  readonly trace_id: string
  readonly span_id: string
  readonly destination: string | null
}

/**
 * What a service sent on for those messages of a poll that are ours, where it takes up one after the other and settles
 * each: by the order of its spans. Empty when that cannot be told.
 */
export async function findTurns(
  pool: pg.Pool,
  receiver: SpanRecord,
  isOurs: (sender: SpanLink) => boolean,
): Promise<readonly SpanLink[]> {
  const turns = await findTurnsByMessage(pool, receiver)
  return turns.flatMap((sent, at) => {
    const link = receiver.links[at]
    return link !== undefined && isOurs(link) ? sent : []
  })
}

/** The same for each message of the poll, in the order of its links; empty when it cannot be told. */
export async function findTurnsByMessage(
  pool: pg.Pool,
  receiver: SpanRecord,
): Promise<readonly (readonly SpanLink[])[]> {
  const { links, messaging } = receiver
  if (messaging?.operation !== 'receive' || links.length === 0 || links.length > MAX_LINKS) return []
  if (receiver.droppedLinkCount > 0 || (messaging.batchCount ?? links.length) !== links.length) return []
  const events = await readHandling(pool, receiver)
  if (events === null) return []
  const poll = {
    traceId: receiver.traceId,
    spanId: receiver.spanId,
    cameAgain: await findAgain(pool, receiver),
  }
  return followSettled(events, poll) ?? []
}

/** null when the service does more than can be looked at. An empty poll is nothing that happened. */
async function readHandling(pool: pg.Pool, receiver: SpanRecord): Promise<readonly HandlingEvent[] | null> {
  const { rows } = await pool.query<EventRow>({
    name: 'telemetry-service-handling',
    text: `select distinct on (at_us, event, span_id) event, at_us, ended_us, replace(trace_id::text, '-', '') as trace_id,
             encode(span_id, 'hex') as span_id, destination
           from (select * from message_event where service = $1 and at_us between $2 and $3
             and (event in (${EVENT.sent}, ${EVENT.settled}, ${EVENT.processed}) or event = ${EVENT.fetched} and is_sender_linked)
             limit ${MAX_EVENTS + 1}) near
           order by at_us, event, span_id`,
    values: [receiver.service, receiver.startUs - AROUND_US, receiver.startUs + receiver.durationUs + AROUND_US],
  })
  if (rows.length > MAX_EVENTS || rows.some(({ event }) => event === EVENT.processed)) return null
  return rows.map((row) => ({
    kind: row.event === EVENT.sent ? 'sent' : row.event === EVENT.settled ? 'settled' : 'took',
    startUs: Number(row.at_us),
    endUs: Number(row.ended_us),
    traceId: row.trace_id,
    spanId: row.span_id,
    destination: row.destination,
  }))
}

/** For each message of a poll whether the same service was given it again later. */
async function findAgain(pool: pg.Pool, receiver: SpanRecord): Promise<readonly boolean[]> {
  const { rows } = await pool.query<{ place: number }>({
    name: 'telemetry-given-again',
    text: `select distinct place::int from unnest($1::bytea[], $2::uuid[]) with ordinality as sender (span_id, trace_id, place)
           join message_event e on e.sender_span_id = sender.span_id and e.sender_trace_id = sender.trace_id
           where e.service = $3 and e.event = ${EVENT.fetched} and e.at_us > $4 and e.destination = $5 limit ${MAX_LINKS}`,
    values: [
      receiver.links.map(({ spanId }) => Buffer.from(spanId, 'hex')),
      receiver.links.map(({ traceId }) => traceId),
      receiver.service,
      receiver.startUs,
      receiver.messaging?.destination ?? null,
    ],
  })
  const again = new Set(rows.map(({ place }) => place))
  return receiver.links.map((_, at) => again.has(at + 1))
}
