import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { tallies } from '#db/store/dead-letter-tally.ts'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'
import type { LagState } from '#domain/lag/lag-status.ts'
import type { OperationState } from '#domain/operation/operation-state.ts'

/** What the control tables say about the whole installation at one moment. */
export interface OverviewFacts {
  readonly clusterCount: number
  readonly unreachableClusters: readonly {
    readonly id: string
    readonly name: string
    readonly reason: string | null
  }[]
  readonly openDeadLetterCount: number
  readonly deadLettersLastHour: number
  readonly operationsActiveCount: number
  /** Age of the oldest message that a group has not processed; null when no group's age is known. */
  readonly oldestUnprocessed: WorstGroup | null
  readonly nextDataLoss: WorstGroup | null
  readonly soonestExpiry: { readonly fingerprint: string; readonly title: string; readonly atMs: number } | null
}

export interface WorstGroup {
  readonly clusterId: string
  readonly group: string
  readonly destination: string
  readonly valueMs: number
  readonly errorMs: number | null
}

export interface TroubledGroup {
  readonly clusterId: string
  readonly group: string
  readonly destination: string
  readonly state: LagState
  readonly sentence: string
  readonly lagMessages: number | null
  readonly timeBehindMs: number | null
  readonly firstLossInMs: number | null
  readonly stateSinceMs: number
  readonly asOfMs: number
}

export interface ActiveOperation {
  readonly id: string
  readonly number: number
  readonly state: OperationState
  readonly stateReason: string | null
  readonly source: string
  readonly stateAtMs: number
}

export async function readOverviewFacts(database: Database, nowMs: number): Promise<OverviewFacts> {
  const [figures, clusters, oldest, loss, expiry] = await Promise.all([
    readFigures(database, nowMs),
    database.execute<{ id: string; name: string; reason: string | null }>(sql`
      select id, name, status_reason as reason from cluster
      where removed_at is null and status = 'unreachable' order by name limit 20`),
    readWorstGroup(database, 'time_behind_ms'),
    readWorstGroup(database, 'first_loss_in_ms'),
    database.execute<{ fingerprint: string; title: string; atMs: number }>(sql`
      select fingerprint, fingerprint_title as title, (extract(epoch from expires_at) * 1000)::float8 as "atMs"
      from dead_letter where state = 'open' and expires_at is not null order by expires_at limit 1`),
  ])
  return {
    ...figures,
    unreachableClusters: clusters.rows,
    oldestUnprocessed: oldest,
    nextDataLoss: loss,
    soonestExpiry: expiry.rows[0] ?? null,
  }
}

type Figures = Pick<
  OverviewFacts,
  'clusterCount' | 'openDeadLetterCount' | 'deadLettersLastHour' | 'operationsActiveCount'
>

async function readFigures(database: Database, nowMs: number): Promise<Figures> {
  const { rows } = await database.execute<Row<Figures>>(sql`
    select
      (select count(*)::int from cluster where removed_at is null) as "clusterCount",
      (select coalesce(sum(letter_count), 0)::int from ${tallies(sql`state = 'open'`)} counted) as "openDeadLetterCount",
      (select count(*)::int from dead_letter
        where state = any(${sql.param([...DEAD_LETTER_STATES])}::text[]) and dead_at > to_timestamp(${nowMs - 3_600_000}::float8 / 1000)) as "deadLettersLastHour",
      (select count(*)::int from operation where state in ('queued', 'canary', 'running', 'paused')) as "operationsActiveCount"`)
  return rows[0] ?? { clusterCount: 0, openDeadLetterCount: 0, deadLettersLastHour: 0, operationsActiveCount: 0 }
}

async function readWorstGroup(
  database: Database,
  figure: 'time_behind_ms' | 'first_loss_in_ms',
): Promise<WorstGroup | null> {
  const { rows } = await database.execute<Row<WorstGroup>>(
    figure === 'time_behind_ms'
      ? sql`
        select cluster_id as "clusterId", group_name as "group", destination, time_behind_ms as "valueMs",
               time_behind_error_ms as "errorMs"
        from group_lag where time_behind_ms is not null order by time_behind_ms desc limit 1`
      : sql`
        select cluster_id as "clusterId", group_name as "group", destination, first_loss_in_ms as "valueMs",
               null::float8 as "errorMs"
        from group_lag where first_loss_in_ms is not null order by first_loss_in_ms limit 1`,
  )
  return rows[0] ?? null
}

/** Groups that need a person, those that lose data first at the top. */
export async function listTroubledGroups(database: Database, limit: number): Promise<readonly TroubledGroup[]> {
  const { rows } = await database.execute<Row<TroubledGroup>>(sql`
    select cluster_id as "clusterId", group_name as "group", destination, state, sentence,
           lag_messages::float8 as "lagMessages", time_behind_ms as "timeBehindMs", first_loss_in_ms as "firstLossInMs",
           (extract(epoch from state_since) * 1000)::float8 as "stateSinceMs",
           (extract(epoch from as_of) * 1000)::float8 as "asOfMs"
    from group_lag
    where state in ('DATA_LOSS', 'STOPPED', 'STALLED', 'REWOUND', 'LAGGING', 'ORPHANED') and not is_expected
    order by first_loss_in_ms nulls last,
             array_position(array['DATA_LOSS', 'STOPPED', 'STALLED', 'REWOUND', 'LAGGING', 'ORPHANED'], state),
             time_behind_ms desc nulls last
    limit ${limit}`)
  return rows
}

/** Operations that a person may have to look at: paused by a breaker, or failed or ended with gaps within the last day. */
export async function listStuckOperations(database: Database, nowMs: number): Promise<readonly ActiveOperation[]> {
  const { rows } = await database.execute<Row<ActiveOperation>>(sql`
    select id, number, state, state_reason as "stateReason", source,
           (extract(epoch from state_at) * 1000)::float8 as "stateAtMs"
    from operation
    where state = 'paused' or (state in ('failed', 'partial') and created_at > to_timestamp(${nowMs - 86_400_000}::float8 / 1000))
    order by created_at desc limit 10`)
  return rows
}
