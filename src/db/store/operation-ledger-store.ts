import { inArray, sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { operation } from '#db/schema/operation.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { ItemState } from '#domain/operation/operation-state.ts'

/** Who writes: every statement here does nothing once a newer holder has taken the operation over. */
export interface LedgerFence {
  readonly operationId: string
  readonly token: number
}

/** One item as the engine needs it to send. */
export interface LedgerItem {
  readonly ordinal: number
  readonly deadLetterId: number | null
  readonly state: ItemState
  readonly sourcePosition: string
  readonly targetDestination: string
  /** The lane that the message was on at its origin, when it goes back there and the lane still exists. */
  readonly targetLane: string | null
  readonly orderKey: string | null
  readonly correlationId: string | null
  readonly traceId: string
  readonly spanId: string
  /** Of the dead letter; null when its record is gone. */
  readonly dialect: string | null
  /** Why nothing may be sent to its target any more; null = it may, as far as the inventory knows. */
  readonly targetProblem: string | null
  readonly deadLetterState: string | null
  readonly payloadBytes: number
  /** When it was last claimed, by the database's clock; null = never, as far as is on record. */
  readonly claimedAtMs: number | null
}

/**
 * Exactly these items, said so that every plan goes through their range of the primary key: statistics know nothing of a
 * manifest that was written a moment ago, a search for each of five hundred ordinals looks dearer than one look at all
 * items of the operation, and that would be quadratic. Hence the sum, which no index has.
 */
export const namedItems = (fence: LedgerFence, ordinals: readonly number[]): SQL => sql`
  item.operation_id = ${fence.operationId}
  and item.ordinal between ${Math.min(...ordinals)}::int and ${Math.max(...ordinals)}::int
  and item.ordinal + 0 = any(${sql.param([...ordinals])}::int[])`

/**
 * The value that belongs to the item. No join, because a join of a batch with itself is what a plan may get wrong; and no
 * array, which is walked through from its start for every item.
 */
function pickByOrdinal(ordinals: readonly number[], values: readonly (string | null)[]): SQL {
  const byOrdinal = Object.fromEntries(ordinals.map((ordinal, at) => [ordinal, storable(values[at] ?? null)]))
  return sql`(${JSON.stringify(byOrdinal)}::jsonb ->> item.ordinal::text)`
}

/** What jsonb refuses, and text as well. */
const storable = (text: string | null): string | null => text?.toWellFormed().replaceAll('\0', '\ufffd') ?? null

export interface LedgerQuery {
  readonly operationId: string
  readonly states: readonly ItemState[]
  readonly afterOrdinal: number
  /** Inclusive; null = the end. */
  readonly toOrdinal: number | null
  readonly limit: number
}

/**
 * Items in one of `states`, by ordinal, from after `afterOrdinal` up to `toOrdinal`: at most `limit`, and none only when
 * there are none.
 */
export async function readLedgerPage(database: Database, query: LedgerQuery): Promise<readonly LedgerItem[]> {
  let { afterOrdinal } = query
  for (;;) {
    const page = await readWindow(database, { ...query, afterOrdinal })
    if (page.length > 0) return page
    const next = await findNextOrdinal(database, { ...query, afterOrdinal: afterOrdinal + query.limit * WINDOW })
    if (next === null) return []
    afterOrdinal = next - 1
  }
}

/** So many times as many items as are wanted are looked through: without an end a plan sorts all that are left. */
const WINDOW = 2

async function findNextOrdinal(database: Database, query: LedgerQuery): Promise<number | null> {
  const { rows } = await database.execute<{ next: number | null }>(sql`
    select min(ordinal) as next from operation_item
    where operation_id = ${query.operationId} and state = any(${sql.param([...query.states])}::text[])
      and ordinal > ${query.afterOrdinal} and (${query.toOrdinal}::int is null or ordinal <= ${query.toOrdinal}::int)`)
  return rows[0]?.next ?? null
}

async function readWindow(database: Database, query: LedgerQuery): Promise<readonly LedgerItem[]> {
  const lastOrdinal = query.afterOrdinal + query.limit * WINDOW
  const { rows } = await database.execute<{ [Key in keyof LedgerItem]: LedgerItem[Key] }>(sql`
    select item.ordinal, item.dead_letter_id::float8 as "deadLetterId", item.state, item.source_position as "sourcePosition",
      item.target_destination as "targetDestination",
      case when item.target_destination = dl.origin_destination
        and place.lanes ? split_part(dl.origin_position, '@', 1)
        then split_part(dl.origin_position, '@', 1) end as "targetLane",
      item.order_key as "orderKey", item.correlation_id as "correlationId",
      item.trace_id as "traceId", item.span_id as "spanId",
      (extract(epoch from item.claimed_at) * 1000)::float8 as "claimedAtMs", dl.dialect, dl.state as "deadLetterState",
      case when place.gone_at is not null then item.target_destination || ' is gone since it was planned'
        when place.is_internal then item.target_destination || ' is internal to the broker' end as "targetProblem",
      coalesce(case when op.import_id is null then dl.payload_bytes else (
        select message.payload_bytes from import_message message
        where message.import_id = op.import_id and message.ordinal = item.ordinal) end, 0) as "payloadBytes"
    from operation_item item
    join operation op on op.id = item.operation_id
    left join dead_letter dl on dl.id = item.dead_letter_id
    left join destination place on place.cluster_id = op.cluster_id and place.name = item.target_destination
    where item.operation_id = ${query.operationId} and item.state = any(${sql.param([...query.states])}::text[])
      and item.ordinal > ${query.afterOrdinal} and item.ordinal <= ${Math.min(lastOrdinal, query.toOrdinal ?? lastOrdinal)}
    order by item.ordinal limit ${query.limit}`)
  return rows
}

export interface Confirmation {
  readonly ordinal: number
  /** Printed position of the copy; null when the broker does not tell. */
  readonly targetPosition: string | null
}

/**
 * The broker's proof on record, and with it the dead letter marked as redriven. At a log place nothing is left to
 * remove, so the item is `removed` by the same statement; elsewhere it is `confirmed` until the source let go of it.
 *
 * @returns how many items were confirmed; fewer than given means that the holder has changed
 */
export async function confirmItems(
  database: Database,
  fence: LedgerFence,
  confirmations: readonly Confirmation[],
  how: {
    readonly isRemovedToo: boolean
    /** Of the claim under which they were sent; null = in an earlier send, which is on record. */
    readonly claimedAt: Date | null
  },
): Promise<number> {
  if (confirmations.length === 0) return 0
  const { isRemovedToo } = how
  const claimedAt = how.claimedAt?.toISOString() ?? null
  // With a claim the closing of it in the same transaction stands for the lock.
  const lock = claimedAt === null ? sql`for share` : sql``
  const ordinals = confirmations.map((one) => one.ordinal)
  const { rows } = await database.execute<{ count: number }>(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token} ${lock}
    ), confirmed as (
      update operation_item item
      set state = ${isRemovedToo ? 'removed' : 'confirmed'}, confirmed_at = clock_timestamp(),
        removed_at = case when ${isRemovedToo}::boolean then clock_timestamp() end,
        send_count = case when ${claimedAt}::timestamptz is null then send_count else send_count + 1 end,
        claimed_at = coalesce(${claimedAt}::timestamptz, item.claimed_at),
        target_position = ${pickByOrdinal(
          ordinals,
          confirmations.map((one) => one.targetPosition),
        )}
      where exists (select from fence) and ${namedItems(fence, ordinals)} and item.state in ('pending', 'claimed')
      returning item.dead_letter_id
    ), letters as (
      select coalesce(array_agg(dead_letter_id), '{}') as ids from confirmed
    ), redriven as (
      update dead_letter set state = 'redriven', state_at = clock_timestamp(), state_operation_id = ${fence.operationId}
      -- By id alone: an index of the state would be read through from end to end.
      where id = any((select ids from letters)::bigint[]) and state || '' = 'open'
    )
    select count(*)::int as count from confirmed`)
  return rows[0]?.count ?? 0
}

export interface Settlement {
  readonly ordinal: number
  readonly state: 'failed' | 'skipped'
  readonly reason: string
}

/** Items that will not be sent by this operation, with the reason. They stay where they lie. Returns how many. */
export async function settleItems(
  database: Database,
  fence: LedgerFence,
  settlements: readonly Settlement[],
): Promise<number> {
  if (settlements.length === 0) return 0
  const ordinals = settlements.map((one) => one.ordinal)
  const { rowCount } = await database.execute(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token} for share
    )
    update operation_item item
    set state = ${pickByOrdinal(
      ordinals,
      settlements.map((one) => one.state),
    )},
      reason = ${pickByOrdinal(
        ordinals,
        settlements.map((one) => one.reason),
      )}
    from fence
    where ${namedItems(fence, ordinals)} and item.state in ('pending', 'claimed')`)
  return rowCount ?? 0
}

/** The last step of the write protocol: gone at the source. Returns how many. */
export async function markRemoved(
  database: Database,
  fence: LedgerFence,
  ordinals: readonly number[],
): Promise<number> {
  const { rowCount } = await database.execute(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token} for share
    )
    update operation_item item set state = 'removed', removed_at = clock_timestamp()
    from fence where ${namedItems(fence, ordinals)} and item.state = 'confirmed'`)
  return rowCount ?? 0
}

/** Keys whose order would break if more of them were sent: an earlier message of theirs was refused. */
export async function listHeldKeys(database: Database, operationId: string): Promise<readonly string[]> {
  const { rows } = await database.execute<{ key: string }>(sql`
    select distinct order_key as key from operation_item
    where operation_id = ${operationId} and state = 'failed' and order_key is not null and reason like 'refused:%'
    limit 1000000`)
  return rows.map((row) => row.key)
}

/** How the reason of an item begins whose message was not there any more when its turn came. */
export const GAP = 'gap: '

export interface LedgerRemainder {
  /** Pending or claimed: not settled. */
  readonly unsent: number
  /** Confirmed, and still lying at the source. */
  readonly unremoved: number
  /** Gone at their source when their turn came. */
  readonly gaps: number
}

export async function countRemainder(database: Database, operationId: string): Promise<LedgerRemainder> {
  const { rows } = await database.execute<{ unsent: number; unremoved: number; gaps: number }>(sql`
    select count(*) filter (where state in ('pending', 'claimed'))::int as unsent,
      count(*) filter (where state = 'confirmed')::int as unremoved,
      count(*) filter (where state = 'failed' and reason like ${`${GAP}%`})::int as gaps
    from operation_item
    where operation_id = ${operationId} and state in ('pending', 'claimed', 'confirmed', 'failed')`)
  return rows[0] ?? { unsent: 0, unremoved: 0, gaps: 0 }
}

/** How long the cap is still used up from earlier claims, in ms. */
export async function readPacedForMs(database: Database, operationId: string): Promise<number> {
  const { rows } = await database.execute<{ pacedForMs: number }>(sql`
    select greatest(0, extract(epoch from coalesce(paced_until, now()) - clock_timestamp()) * 1000)::float8 as "pacedForMs"
    from operation where id = ${operationId}`)
  return rows[0]?.pacedForMs ?? 0
}

/** Operations that a collector has something to do for, oldest first. */
export async function listRunnable(database: Database, limit: number): Promise<readonly OperationRow[]> {
  return database
    .select()
    .from(operation)
    .where(
      sql`${inArray(operation.state, ['planning', 'queued', 'canary', 'running'])}
        or (${operation.state} = 'paused' and ${operation.intent} <> 'pause')`,
    )
    .orderBy(operation.number)
    .limit(limit)
}

/** Everything that is claimed and not confirmed becomes `failed` with this reason. Returns how many. */
export async function settleClaimed(database: Database, fence: LedgerFence, reason: string): Promise<number> {
  const { rowCount } = await database.execute(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token} for share
    )
    update operation_item item set state = 'failed', reason = ${reason}
    from fence where item.operation_id = ${fence.operationId} and item.state = 'claimed'`)
  return rowCount ?? 0
}
