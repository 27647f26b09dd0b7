import type pg from 'pg'
import type { SilentPoll } from '#domain/flow/flow.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { EVENT } from '#telemetry-store/postgres/message-event-row.ts'

/** What a topic hands to its queues is taken within this time, or is not looked for. */
const WITHIN_US = 60_000_000
const MAX_POLLS = 500

/**
 * Who took messages from a queue at the time without naming any of them. Asked only for flows that published to SNS: its
 * envelope hides the context of a message from the consumers of its queues, so that they cannot name it.
 */
export async function findSilentPolls(pool: pg.Pool, spans: readonly SpanRecord[]): Promise<readonly SilentPoll[]> {
  const published = spans.filter(({ messaging }) => messaging?.system === 'aws.sns' && messaging.operation === 'send')
  if (published.length === 0) return []
  const starts = published.map(({ startUs }) => startUs)
  const found = await pool.query<SilentPoll>({
    name: 'telemetry-silent-polls',
    text: `select distinct e.service, e.destination from (
             select service, destination, trace_id, span_id from message_event
             where event = ${EVENT.fetched} and system = 'aws_sqs' and sender_span_id is null and message_hash is null
               and destination is not null and at_us between $1 and $2 limit ${MAX_POLLS}) e
           where exists (select from span s where s.trace_id = e.trace_id and s.span_id = e.span_id and coalesce(s.batch_count, 1) > 0)
           order by e.service, e.destination limit 20`,
    values: [Math.min(...starts) - WITHIN_US, Math.max(...starts) + WITHIN_US],
  })
  const known = new Set(spans.map(({ messaging }) => messaging?.destination))
  return found.rows.filter(({ destination }) => !known.has(destination))
}
