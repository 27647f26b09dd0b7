import { asc, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import type { Row } from '#db/row.ts'
import { cluster } from '#db/schema/cluster.ts'

export interface ClusterPoll {
  readonly kind: 'inventory' | 'lag' | 'dead-letters'
  /** When the latest cycle of this kind ended. */
  readonly asOfMs: number
  readonly durationMs: number
  readonly outcome: 'ok' | 'partial' | 'failed'
  readonly reason: string | null
  readonly itemCount: number
}

export interface ClusterRow {
  readonly id: string
  readonly kind: 'kafka' | 'pgqueue' | 'rabbitmq' | 'sqs'
  readonly name: string
  readonly environment: string
  readonly status: 'unknown' | 'connected' | 'degraded' | 'unreachable'
  readonly statusReason: string | null
  readonly statusAtMs: number | null
  readonly capabilities: Record<string, unknown>
  readonly configuration: Record<string, unknown>
  readonly createdAtMs: number
  readonly destinationCount: number
  readonly groupCount: number
  readonly polls: readonly ClusterPoll[]
}

/** Every cluster that was not removed, by name, with the latest poll of each kind. */
export async function listClusters(database: Database): Promise<readonly ClusterRow[]> {
  const clusters = await database
    .select({
      id: cluster.id,
      kind: cluster.kind,
      name: cluster.name,
      environment: cluster.environment,
      status: cluster.status,
      statusReason: cluster.statusReason,
      statusAtMs: sql<number | null>`${epochMs(cluster.statusAt)}`,
      capabilities: cluster.capabilities,
      configuration: cluster.configuration,
      createdAtMs: epochMs(cluster.createdAt),
    })
    .from(cluster)
    .where(isNull(cluster.removedAt))
    .orderBy(asc(cluster.name), asc(cluster.id))
    .limit(1000)
  const [polls, counts] = await Promise.all([latestPolls(database), inventoryCounts(database)])
  return clusters.map((row) => ({
    ...row,
    destinationCount: counts.get(row.id)?.destinationCount ?? 0,
    groupCount: counts.get(row.id)?.groupCount ?? 0,
    polls: polls.get(row.id) ?? [],
  }))
}

async function latestPolls(database: Database): Promise<ReadonlyMap<string, ClusterPoll[]>> {
  const { rows } = await database.execute<Row<ClusterPoll & { clusterId: string }>>(sql`
    select c.id as "clusterId", p.kind, p.reason, p.outcome, p.item_count as "itemCount",
           p.duration_ms as "durationMs",
           (extract(epoch from p.started_at) * 1000 + p.duration_ms)::float8 as "asOfMs"
    from cluster c
    cross join (values ('inventory'), ('lag'), ('dead-letters')) as k(kind)
    cross join lateral (
      select * from poll_cycle
      where cluster_id = c.id and kind = k.kind
      order by started_at desc limit 1
    ) p
    where c.removed_at is null`)
  const byCluster = new Map<string, ClusterPoll[]>()
  for (const { clusterId, ...poll } of rows) {
    byCluster.set(clusterId, [...(byCluster.get(clusterId) ?? []), poll])
  }
  return byCluster
}

async function inventoryCounts(
  database: Database,
): Promise<ReadonlyMap<string, { destinationCount: number; groupCount: number }>> {
  const { rows } = await database.execute<{ id: string; destinationCount: number; groupCount: number }>(sql`
    select c.id,
      (select count(*)::int from destination d where d.cluster_id = c.id and d.gone_at is null) as "destinationCount",
      (select count(*)::int from consumer_group g where g.cluster_id = c.id and g.gone_at is null) as "groupCount"
    from cluster c where c.removed_at is null`)
  return new Map(rows.map(({ id, ...counts }) => [id, counts]))
}
