import { and, asc, eq, ilike, inArray, or, sql, type SQL } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { cluster, consumerGroup, groupLag, lagSeverity } from '#db/schema/cluster.ts'
import type { AgeMethod, DrainOutlook, LagState, LossCause } from '#domain/lag/lag-status.ts'

export interface ConsumerQuery {
  readonly clusterId: string | null
  readonly states: readonly LagState[] | null
  /** Part of the group's or the destination's name. */
  readonly search: string | null
}

/** One group on one destination: the latest verdict. */
export interface ConsumerRow {
  readonly clusterId: string
  readonly clusterName: string
  readonly environment: string
  readonly group: string
  readonly destination: string
  readonly state: LagState
  readonly sentence: string
  readonly lagMessages: number | null
  readonly lostMessages: number
  readonly timeBehindMs: number | null
  readonly timeBehindErrorMs: number | null
  readonly drainPerSecond: number | null
  readonly drainsInMs: number | null
  readonly firstLossInMs: number | null
  readonly timeBehindMethod: AgeMethod | null
  readonly drainOutlook: DrainOutlook
  readonly drainsLowMs: number | null
  readonly drainsHighMs: number | null
  readonly lossCause: LossCause | null
  readonly lossIfStoppedInMs: number | null
  readonly isExpected: boolean
  readonly isApproximate: boolean
  readonly stateSinceMs: number
  readonly asOfMs: number
  /** What the broker calls the group's state; null when the inventory has not seen it. */
  readonly groupState: string | null
  /** null = could not be read. */
  readonly memberCount: number | null
}

const MAX_ROWS = 2_000

const SEVERITY = lagSeverity('"group_lag"."state"')

/** When the positions on each cluster were last read. */
const lastLook = new QueryBuilder()
  .select({ clusterId: sql<string>`look_of.id`.as('look_cluster'), at: sql<Date>`looked.started_at`.as('looked_at') })
  .from(
    sql`cluster as look_of cross join lateral (
      select started_at from poll_cycle
      where cluster_id = look_of.id and kind = 'lag' and outcome <> 'failed' order by started_at desc limit 1
    ) as looked`,
  )
  .as('last_look')

const columns = {
  clusterId: groupLag.clusterId,
  clusterName: sql<string>`coalesce(${cluster.name}, ${groupLag.clusterId})`,
  environment: sql<string>`coalesce(${cluster.environment}, 'unknown')`,
  group: groupLag.groupName,
  destination: groupLag.destination,
  state: sql<LagState>`${groupLag.state}`,
  sentence: groupLag.sentence,
  lagMessages: groupLag.lagMessages,
  lostMessages: groupLag.lostMessages,
  timeBehindMs: groupLag.timeBehindMs,
  timeBehindErrorMs: groupLag.timeBehindErrorMs,
  drainPerSecond: groupLag.drainPerSecond,
  drainsInMs: groupLag.drainsInMs,
  firstLossInMs: groupLag.firstLossInMs,
  timeBehindMethod: groupLag.timeBehindMethod,
  drainOutlook: groupLag.drainOutlook,
  drainsLowMs: groupLag.drainsLowMs,
  drainsHighMs: groupLag.drainsHighMs,
  lossCause: groupLag.lossCause,
  lossIfStoppedInMs: groupLag.lossIfStoppedInMs,
  isExpected: groupLag.isExpected,
  isApproximate: groupLag.isApproximate,
  stateSinceMs: epochMs(groupLag.stateSince),
  // A verdict is not written again while it stays the same: the last poll that went through has confirmed it.
  asOfMs: sql<number>`${epochMs(sql`greatest(${groupLag.asOf}, ${lastLook.at})`)}`,
  groupState: consumerGroup.state,
  memberCount: sql<
    number | null
  >`case when jsonb_typeof(${consumerGroup.members}) = 'array' then jsonb_array_length(${consumerGroup.members}) end`,
}

/** Every group on every destination, the most severe first; at most 2,000 rows, which `isCut` tells. */
export async function listConsumers(
  database: Database,
  query: ConsumerQuery,
): Promise<{ readonly consumers: readonly ConsumerRow[]; readonly isCut: boolean }> {
  const conditions: SQL[] = []
  if (query.clusterId !== null) conditions.push(eq(groupLag.clusterId, query.clusterId))
  if (query.states !== null) conditions.push(inArray(groupLag.state, [...query.states]))
  if (query.search !== null && query.search !== '') {
    const pattern = `%${query.search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    const found = or(ilike(groupLag.groupName, pattern), ilike(groupLag.destination, pattern))
    if (found) conditions.push(found)
  }
  const rows = await selectConsumers(database)
    .where(and(...conditions))
    .orderBy(SEVERITY, sql`${groupLag.firstLossInMs} asc nulls last`, asc(groupLag.groupName))
    .limit(MAX_ROWS + 1)
  return { consumers: rows.slice(0, MAX_ROWS), isCut: rows.length > MAX_ROWS }
}

/** All destinations of one group. Empty when nobody has seen it. */
export async function listConsumersOfGroup(
  database: Database,
  clusterId: string,
  group: string,
): Promise<readonly ConsumerRow[]> {
  return selectConsumers(database)
    .where(and(eq(groupLag.clusterId, clusterId), eq(groupLag.groupName, group)))
    .orderBy(SEVERITY, asc(groupLag.destination))
    .limit(MAX_ROWS)
}

function selectConsumers(database: Database) {
  return database
    .select(columns)
    .from(groupLag)
    .leftJoin(cluster, eq(cluster.id, groupLag.clusterId))
    .leftJoin(lastLook, eq(lastLook.clusterId, groupLag.clusterId))
    .leftJoin(
      consumerGroup,
      and(eq(consumerGroup.clusterId, groupLag.clusterId), eq(consumerGroup.name, groupLag.groupName)),
    )
}
