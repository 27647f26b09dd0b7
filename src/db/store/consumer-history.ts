import { and, asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import type { Row } from '#db/row.ts'
import { consumerGroup, groupLag } from '#db/schema/cluster.ts'

/** One point of one destination's lag; gaps in polling are gaps in the points. */
export interface LagPoint {
  readonly destination: string
  readonly atMs: number
  /** Highest sum over lanes within the step; null when no lane has a commit. */
  readonly lagMessages: number | null
  readonly committed: number | null
  readonly end: number
}

/** What the verdict said about one lane; absent members are null. */
export interface ConsumerLane {
  readonly destination: string
  readonly lane: string
  readonly committed: number | null
  readonly start: number | null
  readonly end: number | null
  readonly lagMessages: number | null
  readonly timeBehindMs: number | null
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

/** The sum of each destination's lanes per step, from the samples as they were written on change. */
export async function readLagSeries(
  database: Database,
  query: {
    readonly clusterId: string
    readonly group: string
    readonly fromMs: number
    readonly toMs: number
    readonly stepMs: number
  },
): Promise<readonly LagPoint[]> {
  const { rows } = await database.execute<Row<LagPoint>>(sql`
    with lane_step as (
      select destination, lane,
             floor(extract(epoch from at) * 1000 / ${query.stepMs}) * ${query.stepMs} as step_ms,
             (array_agg(committed order by at desc))[1] as committed,
             (array_agg(end_position order by at desc))[1] as end_position,
             (array_agg(start_position order by at desc))[1] as start_position
      from lag_sample
      where cluster_id = ${query.clusterId} and group_name = ${query.group}
        and at >= to_timestamp(${query.fromMs} / 1000.0) and at < to_timestamp(${query.toMs} / 1000.0)
      group by 1, 2, 3
    )
    select destination, step_ms::float8 as "atMs",
           sum(end_position - greatest(committed, start_position)) filter (where committed is not null)::float8 as "lagMessages",
           sum(committed)::float8 as committed,
           sum(end_position)::float8 as "end"
    from lane_step group by 1, 2 order by 1, 2 limit 5000`)
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
