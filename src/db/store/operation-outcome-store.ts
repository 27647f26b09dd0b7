import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { readingGroup } from '#db/store/reading-group.ts'
import type { CanaryTally } from '#domain/operation/canary.ts'
import type { OutcomeWindow } from '#domain/operation/breaker.ts'
import type { ItemOutcome } from '#domain/operation/operation-state.ts'

/** A confirmed copy whose end is not certain yet. */
export interface UnsettledItem {
  readonly ordinal: number
  readonly outcome: ItemOutcome
  readonly traceId: string
  readonly spanId: string
  readonly targetDestination: string
  readonly targetPosition: string | null
  readonly sinceConfirmMs: number
}

/** Whose deliveries and commits count for a copy. */
export interface GroupedItem extends UnsettledItem {
  /** As which group the one that failed on it reads the target; null when it does not, or is not known. */
  readonly consumerGroup: string | null
}

/** Redrives and imports whose copies may still tell something: not ended, or ended less than `keepMs` ago. */
export async function listWatchedOperations(
  database: Database,
  keepMs: number,
): Promise<readonly { readonly id: string; readonly clusterId: string }[]> {
  const { rows } = await database.execute<{ id: string; clusterId: string }>(sql`
    select id, cluster_id as "clusterId" from operation
    where kind <> 'discard' and started_at is not null
      and (finished_at is null or finished_at > now() - ${keepMs} * interval '1 millisecond')
    order by number limit 200`)
  return rows
}

/**
 * A copy that lies in a dead-letter place again has failed again, whatever else was seen of it. Returns how many are new.
 */
export async function recordReturns(database: Database, operationId: string): Promise<number> {
  const { rowCount } = await database.execute(sql`
    update operation_item item
    set outcome = 'failed-again', outcome_at = clock_timestamp(),
      outcome_evidence = 'return: to ' || dl.destination || ' at ' || dl.position
    from dead_letter dl
    where dl.return_of_operation_id = ${operationId} and item.operation_id = ${operationId}
      and item.ordinal = dl.return_of_item
      and (item.outcome <> 'failed-again' or item.outcome_evidence not like 'return:%')`)
  return rowCount ?? 0
}

/** Ids of dead letters are given out before they can be seen: those of slow transactions appear below newer ones. */
const LATE_IDS = 1_000

/**
 * Knows returns also where the message cannot carry our marks, by the place that the dead letter says it came from:
 * marks them as returns and counts the redrive, so that the loop guard holds there too. Looks at what was indexed after
 * `afterId` (0: after the operation's own dead letters); @returns from where to look the next time.
 */
export async function recogniseReturns(database: Database, operationId: string, afterId: number): Promise<number> {
  const since = afterId > 0 ? afterId : await readNewestLetter(database, operationId)
  const { rows } = await database.execute<{ newest: number | null }>(sql`
    with since as (
      select ${since}::bigint as id
    ), fresh as materialized (
      select dl.id, dl.origin_destination, dl.origin_position
      from dead_letter dl, operation op
      where op.id = ${operationId} and dl.cluster_id = op.cluster_id and dl.id > ${since}::bigint
        and dl.return_of_operation_id is null and dl.origin_position is not null
    ), returned as (
      update dead_letter dl
      set return_of_operation_id = item.operation_id, return_of_item = item.ordinal,
        redrive_count = greatest(dl.redrive_count, coalesce(
          (select before.redrive_count from dead_letter before where before.id = item.dead_letter_id), 0) + 1)
      from fresh, operation_item item
      where item.operation_id = ${operationId} and item.target_position is not null and dl.id = fresh.id
        and fresh.origin_destination = item.target_destination and fresh.origin_position = item.target_position
    )
    select max(dl.id)::float8 as newest from dead_letter dl, since where dl.id > since.id`)
  return Math.max(since, (rows[0]?.newest ?? 0) - LATE_IDS)
}

async function readNewestLetter(database: Database, operationId: string): Promise<number> {
  const { rows } = await database.execute<{ id: number }>(sql`
    select coalesce(max(dead_letter_id), 0)::float8 as id from operation_item where operation_id = ${operationId}`)
  return rows[0]?.id ?? 0
}

/** So many items of a manifest are looked through for one page: its cost does not grow with the operation. */
const LOOKED_THROUGH = 5_000

export interface UnsettledPage {
  readonly items: readonly UnsettledItem[]
  /** Where to go on; null after the last item of the operation. */
  readonly nextOrdinal: number | null
}

/**
 * Confirmed items that are not certain: unknown, not seen, or failed by a span only (a later try may end well).
 * By ordinal, one keyset page, which may be short though more follows.
 */
export async function listUnsettledItems(
  database: Database,
  operationId: string,
  afterOrdinal: number,
  limit: number,
): Promise<UnsettledPage> {
  const { rows } = await database.execute<{ [Key in keyof UnsettledItem]: UnsettledItem[Key] }>(sql`
    select item.ordinal, item.outcome, item.trace_id as "traceId", item.span_id as "spanId",
      item.target_destination as "targetDestination", item.target_position as "targetPosition",
      (extract(epoch from clock_timestamp() - item.confirmed_at) * 1000)::float8 as "sinceConfirmMs"
    from (
      -- The limit keeps the plan on the primary key: by outcome it would find all items of the operation.
      select * from operation_item
      where operation_id = ${operationId} and ordinal > ${afterOrdinal} and ordinal <= ${afterOrdinal + LOOKED_THROUGH}
      order by ordinal limit ${LOOKED_THROUGH}
    ) item
    where item.state in ('confirmed', 'removed')
      and (item.outcome in ('unknown', 'not-seen')
        or (item.outcome = 'failed-again' and item.outcome_evidence like 'span:%'))
    order by item.ordinal limit ${limit}`)
  const lastSeen = rows.length < limit ? afterOrdinal + LOOKED_THROUGH : (rows.at(-1)?.ordinal ?? 0)
  return { items: rows, nextOrdinal: lastSeen < (await readLastOrdinal(database, operationId)) ? lastSeen : null }
}

/** Adds to each item whose outcome counts for it. Asked only for those of which something can be said. */
export async function addGroups(
  database: Database,
  operationId: string,
  items: readonly UnsettledItem[],
): Promise<readonly GroupedItem[]> {
  if (items.length === 0) return []
  const { rows } = await database.execute<{ ordinal: number; consumerGroup: string | null }>(sql`
    select item.ordinal, ${readingGroup(sql`op.cluster_id`)} as "consumerGroup"
    from operation_item item join operation op on op.id = item.operation_id
    left join lateral (
      select consumer_group, origin_destination from dead_letter where id = item.dead_letter_id limit 1
    ) dl on true
    cross join lateral (select item.target_destination as destination, dl.origin_destination as origin,
      dl.consumer_group as failed_group) sent
    where item.operation_id = ${operationId}
      and item.ordinal = any(${sql.param(items.map((item) => item.ordinal))}::int[])`)
  const groups = new Map(rows.map((row) => [row.ordinal, row.consumerGroup]))
  return items.map((item) => ({ ...item, consumerGroup: groups.get(item.ordinal) ?? null }))
}

async function readLastOrdinal(database: Database, operationId: string): Promise<number> {
  const { rows } = await database.execute<{ ordinal: number }>(sql`
    select ordinal from operation_item where operation_id = ${operationId} order by ordinal desc limit 1`)
  return rows[0]?.ordinal ?? 0
}

export interface NewOutcome {
  readonly ordinal: number
  readonly outcome: ItemOutcome
  readonly evidence: string
}

/** Records what was found out; a return that was found meanwhile stands. */
export async function recordOutcomes(
  database: Database,
  operationId: string,
  outcomes: readonly NewOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return
  await database.execute(sql`
    update operation_item item
    set outcome = found.outcome, outcome_at = clock_timestamp(), outcome_evidence = found.evidence
    from unnest(
      ${sql.param(outcomes.map((one) => one.ordinal))}::int[],
      ${sql.param(outcomes.map((one) => one.outcome))}::text[],
      ${sql.param(outcomes.map((one) => one.evidence))}::text[]) as found(ordinal, outcome, evidence)
    where item.operation_id = ${operationId} and item.ordinal = found.ordinal
      and item.ordinal = any(${sql.param(outcomes.map((one) => one.ordinal))}::int[])
      and coalesce(item.outcome_evidence, '') not like 'return:%'`)
}

/** The ordinal at which the canary ends: its `size`-th message that is meant to be sent; null when there are fewer. */
export async function findCanaryEnd(database: Database, operationId: string, size: number): Promise<number | null> {
  const { rows } = await database.execute<{ ordinal: number }>(sql`
    select ordinal from operation_item
    where operation_id = ${operationId} and state not in ('skipped', 'quarantined')
    order by ordinal offset ${size - 1} limit 1`)
  return rows[0]?.ordinal ?? null
}

/** What is known of the items up to `toOrdinal` (null = all). */
export async function tallyCanary(
  database: Database,
  operationId: string,
  toOrdinal: number | null,
): Promise<CanaryTally> {
  const { rows } = await database.execute<{ [Key in keyof CanaryTally]: CanaryTally[Key] }>(sql`
    select count(*) filter (where state = 'failed')::int as failed,
      count(*) filter (where state <> 'failed' and outcome = 'processed')::int as processed,
      count(*) filter (where state <> 'failed' and outcome = 'failed-again')::int as "failedAgain",
      count(*) filter (where state <> 'failed' and outcome = 'not-seen')::int as "notSeen",
      count(*) filter (where state <> 'failed' and outcome = 'unknown')::int as unknown
    from operation_item
    where operation_id = ${operationId} and state not in ('skipped', 'quarantined')
      and (${toOrdinal}::int is null or ordinal <= ${toOrdinal}::int)`)
  return rows[0] ?? { processed: 0, failedAgain: 0, notSeen: 0, unknown: 0, failed: 0 }
}

/** Outcomes that became known within the window, of copies confirmed since the last start or resume. */
export async function tallyOutcomes(database: Database, operationId: string, windowMs: number): Promise<OutcomeWindow> {
  const { rows } = await database.execute<{ processed: number; failedAgain: number }>(sql`
    select count(*) filter (where item.outcome = 'processed')::int as processed,
      count(*) filter (where item.outcome = 'failed-again')::int as "failedAgain"
    from operation_item item join operation op on op.id = item.operation_id
    where item.operation_id = ${operationId} and item.outcome in ('processed', 'failed-again')
      and item.outcome_at > clock_timestamp() - ${windowMs} * interval '1 millisecond'
      and item.confirmed_at >= coalesce(op.judged_from, '-infinity')`)
  return rows[0] ?? { processed: 0, failedAgain: 0 }
}

/** The groups that polls have seen on a destination. */
export async function listPolledGroups(
  database: Database,
  clusterId: string,
  destination: string,
): Promise<readonly string[]> {
  const { rows } = await database.execute<{ name: string }>(sql`
    select group_name as name from group_lag
    where cluster_id = ${clusterId} and destination = ${destination} order by group_name limit 100`)
  return rows.map((row) => row.name)
}
