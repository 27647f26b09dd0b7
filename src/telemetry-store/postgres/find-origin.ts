import type pg from 'pg'
import { senderAncestors } from '#domain/trace/sender-ancestors.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { findContinuations } from '#telemetry-store/postgres/find-continuations.ts'
import { findTurnsByMessage } from '#telemetry-store/postgres/find-turns.ts'
import { EVENT } from '#telemetry-store/postgres/message-event-row.ts'
import { SPAN_RECORD_COLUMNS, type SpanRow, toSpanRecord } from '#telemetry-store/postgres/span-record.ts'

/** How long a service works on a message before it sends something on, where no span tells. */
const BEFORE_US = 20_000_000
/** Receivers before the send that are tried, the nearest first. */
const MAX_CANDIDATES = 8
const MAX_SPANS = 1_000

/**
 * For a trace that begins with a send: the trace of the message for which it was sent, where spans break off in between.
 * The inverse of {@link findContinuations}, by the same evidence; null when that tells of none.
 */
export async function findOrigin(pool: pg.Pool, traceId: string): Promise<string | null> {
  const [send] = await readSpans(
    pool,
    `select * from span where trace_id = $1::uuid and parent_span_id is null order by start_us limit 1`,
    [traceId],
  )
  if (send?.messaging?.operation !== 'send' || send.links.length > 0) return null
  const candidates = await readSpans(
    pool,
    `select s.* from (
       select distinct trace_id, span_id, at_us from message_event
       where service = $1 and at_us between $2 and $3 and event in (${EVENT.processed}, ${EVENT.fetched})
         and sender_span_id is not null and trace_id <> $4::uuid
       order by at_us desc limit ${MAX_CANDIDATES}) near
     cross join lateral (select * from span where span.trace_id = near.trace_id and span.span_id = near.span_id limit 1) s
     order by near.at_us desc`,
    [send.service, send.startUs - BEFORE_US, send.startUs, traceId],
  )
  for (const candidate of candidates) {
    const found = await originBy(pool, candidate, send)
    if (found !== null) return found
  }
  return null
}

/** The trace from which the candidate had the message for which it sent this. */
async function originBy(pool: pg.Pool, candidate: SpanRecord, send: SpanRecord): Promise<string | null> {
  const isSend = ({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): boolean =>
    traceId === send.traceId && spanId === send.spanId
  if (candidate.links.length > 1) {
    const turns = await findTurnsByMessage(pool, candidate)
    const at = turns.findIndex((sent) => sent.some(isSend))
    return candidate.links[at]?.traceId ?? null
  }
  const trace = await readSpans(pool, `select * from span where trace_id = $1::uuid limit ${MAX_SPANS}`, [
    candidate.traceId,
  ])
  const bridges = await findContinuations(pool, [candidate], senderAncestors(trace), () => true)
  return bridges.some(({ to }) => isSend(to)) ? (candidate.links[0]?.traceId ?? candidate.traceId) : null
}

async function readSpans(pool: pg.Pool, query: string, values: readonly unknown[]): Promise<readonly SpanRecord[]> {
  const found = await pool.query<SpanRow>(`select ${SPAN_RECORD_COLUMNS} from (${query}) found`, [...values])
  return found.rows.map((row) => toSpanRecord(row, new Map()))
}
