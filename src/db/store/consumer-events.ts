import { and, desc, eq, gte, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import type { Row } from '#db/row.ts'
import { consumerEvent } from '#db/schema/cluster.ts'

/** More than this no chart can show and nobody reads. */
const MAX_EVENTS = 300
const MAX_OPERATIONS = 50

export interface ConsumerEvent {
  readonly atMs: number
  readonly kind: (typeof consumerEvent.kind.enumValues)[number]
  readonly destination: string | null
  /** The state that began; null for what is no state. */
  readonly state: string | null
  readonly sentence: string
}

export interface GroupOfCluster {
  readonly clusterId: string
  readonly group: string
}

/** What happened to a group since then, newest first; at most 300. */
export async function listConsumerEvents(
  database: Database,
  { clusterId, group }: GroupOfCluster,
  fromMs: number,
): Promise<readonly ConsumerEvent[]> {
  return database
    .select({
      atMs: epochMs(consumerEvent.at),
      kind: consumerEvent.kind,
      destination: consumerEvent.destination,
      state: consumerEvent.state,
      sentence: consumerEvent.sentence,
    })
    .from(consumerEvent)
    .where(
      and(
        eq(consumerEvent.clusterId, clusterId),
        eq(consumerEvent.groupName, group),
        gte(consumerEvent.at, new Date(fromMs)),
      ),
    )
    .orderBy(desc(consumerEvent.at), desc(consumerEvent.id))
    .limit(MAX_EVENTS)
}

export interface OperationMark {
  readonly id: string
  readonly number: number
  readonly kind: string
  readonly startedAtMs: number
  /** null = still at it. */
  readonly endedAtMs: number | null
}

/** Operations since then that sent to a destination which the group reads, newest first; at most 50. */
export async function listOperationsToward(
  database: Database,
  { clusterId, group }: GroupOfCluster,
  fromMs: number,
): Promise<readonly OperationMark[]> {
  const { rows } = await database.execute<Row<OperationMark>>(sql`
    select o.id, o.number, o.kind, (extract(epoch from o.created_at) * 1000)::float8 as "startedAtMs",
           case when o.state in ('completed', 'partial', 'cancelled', 'failed')
                then (extract(epoch from o.state_at) * 1000)::float8 end as "endedAtMs"
    from operation o
    where o.cluster_id = ${clusterId} and o.state_at >= to_timestamp(${fromMs}::float8 / 1000)
      and o.state not in ('draft', 'planned')
      and exists (
        select from operation_item i join group_lag l on l.destination = i.target_destination
        where i.operation_id = o.id and i.ordinal < 20 and l.cluster_id = ${clusterId} and l.group_name = ${group})
    order by o.created_at desc limit ${MAX_OPERATIONS}`)
  return rows
}
