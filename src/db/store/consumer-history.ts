import { and, asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import type { Row } from '#db/row.ts'
import { consumerGroup, groupLag } from '#db/schema/cluster.ts'
import { heldLagSteps, type LagSeriesQuery } from '#db/store/lag-steps.ts'
import type { LagProof, LaneVerdict } from '#domain/lag/lag-evaluation.ts'

/** One point of one destination's lag; gaps in polling are gaps in the points. */
export interface LagPoint {
  readonly destination: string
  readonly atMs: number
  /** Over the lanes with a commit, as at the end of the step; null when there is none. */
  readonly lagMessages: number | null
  readonly committed: number | null
  readonly end: number
}

/** The verdict on one lane of one destination. */
export interface ConsumerLane extends LaneVerdict {
  readonly destination: string
}

export interface ConsumerMember {
  readonly id: string
  readonly clientId: string | null
  readonly host: string | null
  readonly assignments: readonly { readonly destination: string; readonly lanes: readonly string[] }[]
}

export interface GroupInventory {
  readonly state: string
  readonly protocol: string | null
  readonly members: readonly ConsumerMember[] | null
  readonly seenAtMs: number
  readonly goneAtMs: number | null
}

/** The sum of each destination's lanes per step. A lane that was not read for 90 s is left out: a gap, not a guess. */
export async function readLagSeries(database: Database, query: LagSeriesQuery): Promise<readonly LagPoint[]> {
  const step = sql`${query.stepMs}::float8`
  const { rows } = await database.execute<Row<LagPoint>>(sql`
    with ${heldLagSteps(query)}
    select destination, (s * ${step})::float8 as "atMs",
           (sum(end_position - greatest(committed, start_position)) filter (where committed is not null))::float8 as "lagMessages",
           sum(committed)::float8 as committed,
           sum(end_position)::float8 as "end"
    from held cross join lateral generate_series(step, next_step - 1) as s
    where s * ${step} >= ${query.fromMs}::float8
    group by 1, 2 order by 1, 2 limit 20000`)
  return rows
}

/** The lanes of the latest verdicts, as the poll wrote them. */
export async function readConsumerLanes(
  database: Database,
  clusterId: string,
  group: string,
): Promise<readonly ConsumerLane[]> {
  const rows = await database
    .select({ destination: groupLag.destination, lanes: groupLag.lanes })
    .from(groupLag)
    .where(and(eq(groupLag.clusterId, clusterId), eq(groupLag.groupName, group)))
    .orderBy(asc(groupLag.destination))
    .limit(200)
  return rows.flatMap((row) => row.lanes.map((lane) => ({ ...(lane as ConsumerLane), destination: row.destination })))
}

/** The readings that prove each verdict of the group. */
export async function readGroupProofs(
  database: Database,
  clusterId: string,
  group: string,
): Promise<readonly { readonly destination: string; readonly proof: readonly LagProof[] }[]> {
  return database
    .select({ destination: groupLag.destination, proof: groupLag.proof })
    .from(groupLag)
    .where(and(eq(groupLag.clusterId, clusterId), eq(groupLag.groupName, group)))
    .orderBy(asc(groupLag.destination))
    .limit(200)
}

/** null when the inventory has never seen the group. */
export async function readGroupInventory(
  database: Database,
  clusterId: string,
  group: string,
): Promise<GroupInventory | null> {
  const [row] = await database
    .select({
      state: consumerGroup.state,
      protocol: consumerGroup.protocol,
      members: consumerGroup.members,
      seenAtMs: epochMs(consumerGroup.seenAt),
      goneAtMs: sql<number | null>`${epochMs(consumerGroup.goneAt)}`,
    })
    .from(consumerGroup)
    .where(and(eq(consumerGroup.clusterId, clusterId), eq(consumerGroup.name, group)))
    .limit(1)
  return row ? { ...row, members: row.members as readonly ConsumerMember[] | null } : null
}
