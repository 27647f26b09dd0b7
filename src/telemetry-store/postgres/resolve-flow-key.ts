import type pg from 'pg'
import { hashOfMark, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { hashesOfTypedPosition, hashOfMessageId } from '#telemetry-store/postgres/message-event-row.ts'

/** More flows than this under one id are not told apart by it. */
const MAX_KEYS = 200
const MAX_UPSTREAM_TRACES = 8

const isTraceId = (id: string): boolean => /^[0-9a-f]{32}$/i.test(id)

/** The flow keys that an id may mean: a key itself, an alias, a trace id, a message id, a `topic/partition/offset`. */
export async function findFlowKeys(pool: pg.Pool, id: string): Promise<readonly string[]> {
  const positions = hashesOfTypedPosition(id).map((hash) => hash.toString('hex'))
  const found = await pool.query<{ flow_key: string }>({
    name: 'telemetry-find-flow-keys',
    text: `select flow_key from (
             select flow_key from flow where flow_key = $1
             union select flow_key from flow_alias where alias = $1
             union select m.flow_key from flow_member m where m.trace_id = $2::uuid
             union select m.flow_key from flow_member m where m.trace_id in
               (select trace_id from message_event where message_hash = $3::uuid limit ${MAX_KEYS})
             union select m.flow_key from flow_member m where m.trace_id in
               (select trace_id from message_event where position_hash = any($4::uuid[]) limit ${MAX_KEYS})
           ) keys limit ${MAX_KEYS}`,
    values: [id, isTraceId(id) ? id : null, hashOfMessageId(id).toString('hex'), positions],
  })
  return found.rows.map((row) => row.flow_key)
}

/** The best flow key of a trace: one that a span carries rather than the trace id; null for an unknown trace. */
export async function findFlowKeyOfTrace(pool: pg.Pool, traceId: string): Promise<string | null> {
  if (!isTraceId(traceId)) return null
  const found = await pool.query<{ flow_key: string }>({
    name: 'telemetry-flow-key-of-trace',
    text: `select flow_key from flow_member where trace_id = $1::uuid order by is_fallback, first_us, flow_key limit 1`,
    values: [traceId],
  })
  return found.rows[0]?.flow_key ?? null
}

/** More traces than this with one record key: it names a customer or a shard, not an event. */
const MAX_KEYED_TRACES = 5

/** The flow that began first with a record key, when the key is on few traces. */
async function findFlowOfMessageKey(pool: pg.Pool, id: string): Promise<string | null> {
  const found = await pool.query<{ flow_key: string }>({
    name: 'telemetry-flow-of-message-key',
    text: `select coalesce(flow_key, replace(trace_id::text, '-', '')) as flow_key from flow_mark
           where kind = ${MARK.messageKey} and value = $1 group by 1 order by min(at_us) limit ${MAX_KEYED_TRACES + 1}`,
    values: [hashOfMark(id)],
  })
  return found.rows.length > MAX_KEYED_TRACES ? null : (found.rows[0]?.flow_key ?? null)
}

/**
 * The key under which a flow is read. A trace without a key of its own whose spans took messages of exactly one other
 * trace is read as part of the flow of that trace, and so on upstream.
 */
export async function resolveFlowKey(pool: pg.Pool, id: string): Promise<string | null> {
  const keys = await findFlowKeys(pool, id)
  let key =
    keys.find((candidate) => candidate === id && !isTraceId(candidate)) ??
    keys.find((candidate) => !isTraceId(candidate))
  key ??= keys[0] ?? (await findFlowOfMessageKey(pool, id)) ?? undefined
  if (key === undefined) return null
  const visited = new Set<string>()
  while (isTraceId(key) && !visited.has(key) && visited.size < MAX_UPSTREAM_TRACES) {
    visited.add(key)
    const senders: pg.QueryResult<{ trace_id: string }> = await pool.query<{ trace_id: string }>({
      name: 'telemetry-upstream-traces',
      text: `select distinct replace(sender_trace_id::text, '-', '') as trace_id from message_event
             where trace_id = $1::uuid and is_sender_linked and sender_trace_id <> trace_id limit 2`,
      values: [key],
    })
    const [only, second] = senders.rows
    if (only === undefined || second !== undefined) break
    key = (await findFlowKeyOfTrace(pool, only.trace_id)) ?? key
  }
  return key
}
