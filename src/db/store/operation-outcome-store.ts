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
  /** As which group the one that failed on it reads the target; null when it does not, or is not known. */
  readonly consumerGroup: string | null
  readonly sinceConfirmMs: number
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
  const { rows } = await database.execute<{ newest: number | null }>(sql`
    with since as (
      select greatest(${afterId}::bigint, coalesce(max(dead_letter_id), 0)) as id
      from operation_item where operation_id = ${operationId}
    ), returned as (
      update dead_letter dl
      set return_of_operation_id = item.operation_id, return_of_item = item.ordinal,
        redrive_count = greatest(dl.redrive_count, coalesce(
          (select before.redrive_count from dead_letter before where before.id = item.dead_letter_id), 0) + 1)
      from since, operation op, operation_item item
      where op.id = ${operationId} and item.operation_id = op.id and item.target_position is not null
        and dl.id > since.id and dl.cluster_id = op.cluster_id and dl.return_of_operation_id is null
        and dl.origin_destination = item.target_destination and dl.origin_position = item.target_position
    )
    select max(dl.id)::float8 as newest from dead_letter dl, since where dl.id > since.id`)
  return Math.max(afterId, (rows[0]?.newest ?? 0) - LATE_IDS)
}

/**
 * Confirmed items that are not certain: unknown, not seen, or failed by a span only (a later try may end well).
 * By ordinal, one keyset page.
 */
export async function listUnsettledItems(
  database: Database,
  operationId: string,
  afterOrdinal: number,
  limit: number,
): Promise<readonly UnsettledItem[]> {
  const { rows } = await database.execute<{ [Key in keyof UnsettledItem]: UnsettledItem[Key] }>(sql`
    select item.ordinal, item.outcome, item.trace_id as "traceId", item.span_id as "spanId",
      item.target_destination as "targetDestination", item.target_position as "targetPosition",
      ${readingGroup(sql`op.cluster_id`)} as "consumerGroup",
      (extract(epoch from clock_timestamp() - item.confirmed_at) * 1000)::float8 as "sinceConfirmMs"
    from operation_item item join operation op on op.id = item.operation_id
    left join dead_letter dl on dl.id = item.dead_letter_id
    cross join lateral (select item.target_destination as destination, dl.origin_destination as origin,
      dl.consumer_group as failed_group) sent
    where item.operation_id = ${operationId} and item.ordinal > ${afterOrdinal}
      and item.state in ('confirmed', 'removed')
      and (item.outcome in ('unknown', 'not-seen')
        or (item.outcome = 'failed-again' and item.outcome_evidence like 'span:%'))
    order by item.ordinal limit ${limit}`)
  return rows
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
