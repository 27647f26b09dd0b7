import type pg from 'pg'
import { findOrigin } from '#telemetry-store/postgres/find-origin.ts'
import { hashOfMark, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { hashesOfTypedPosition, hashOfMessageId } from '#telemetry-store/postgres/message-event-row.ts'

/** More flows than this under one id are not told apart by it. */
export const MAX_KEYS = 200
const MAX_UPSTREAM_TRACES = 8
/** More traces than this with one record key: it names a customer or a shard, not an event. */
const MAX_KEYED_TRACES = 5

export const isTraceId = (id: string): boolean => /^[0-9a-f]{32}$/i.test(id)

/**
 * The flow keys that an id may mean: a key itself, an alias, a trace id, a message id, a `topic/partition/offset`, what the
 * record of a message or a dead letter calls it.
 */
export async function findFlowKeys(pool: pg.Pool, id: string): Promise<readonly string[]> {
  const positions = hashesOfTypedPosition(id).map((hash) => hash.toString('hex'))
  const found = await pool.query<{ flow_key: string }>({
    name: 'telemetry-find-flow-keys',
    text: `with event as (
             select distinct coalesce(sender_trace_id, trace_id) as trace_id from record_id
             where aliases <> '{}' and aliases @> array[$1] limit ${MAX_KEYED_TRACES + 1}
           ), trace as (
             select $2::uuid as trace_id
             union (select trace_id from message_event where message_hash = $3::uuid limit ${MAX_KEYS})
             union (select trace_id from message_event where position_hash = any($4::uuid[]) limit ${MAX_KEYS})
             union (select coalesce(sender_trace_id, trace_id) from record_id where correlation_id = $1 limit ${MAX_KEYS})
             union select trace_id from event where (select count(*) from event) <= ${MAX_KEYED_TRACES}
             union (select case when flow_key ~ '^[0-9a-f]{32}$' then flow_key::uuid end from flow_alias
               where alias = $1 limit ${MAX_KEYS})
             union (select case when trace_id ~ '^[0-9a-f]{32}$' then trace_id::uuid end from dead_letter
               where correlation_id = $1 limit ${MAX_KEYS})
           )
           select flow_key from (
             select flow_key from flow where flow_key = $1
             union (select flow_key from flow_alias where alias = $1 limit ${MAX_KEYS})
             union select m.flow_key from trace join flow_member m using (trace_id)
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

/** Of several traces the one that began first: the others are reached from it. */
async function earliestOf(pool: pg.Pool, keys: readonly string[]): Promise<string | null> {
  if (keys.length <= 1) return keys[0] ?? null
  const found = await pool.query<{ flow_key: string }>({
    name: 'telemetry-earliest-flow',
    text: 'select flow_key from flow_member where flow_key = any($1::text[]) group by flow_key order by min(first_us), flow_key limit 1',
    values: [keys],
  })
  return found.rows[0]?.flow_key ?? null
}

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

export interface ResolvedKey {
  readonly flowKey: string
  /** The id is on so many flows that it singles out none; the one that is given is any of them. */
  readonly isHub: boolean
}

/**
 * The key under which a flow is read. A trace without a key of its own whose spans took messages of exactly one other
 * trace is read as part of the flow of that trace, and so on upstream.
 */
export async function resolveFlowKey(pool: pg.Pool, id: string): Promise<ResolvedKey | null> {
  const keys = await findFlowKeys(pool, id)
  let key =
    keys.find((candidate) => candidate === id && !isTraceId(candidate)) ??
    keys.find((candidate) => !isTraceId(candidate))
  key ??= (await earliestOf(pool, keys)) ?? (await findFlowOfMessageKey(pool, id)) ?? undefined
  if (key === undefined) return null
  const isHub = keys.length === MAX_KEYS && key !== id
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
    if (second !== undefined) break
    const upstream: string | null = only?.trace_id ?? (await findOrigin(pool, key))
    if (upstream === null) break
    key = (await findFlowKeyOfTrace(pool, upstream)) ?? key
  }
  return { flowKey: key, isHub }
}
