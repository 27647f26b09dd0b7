import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { matchesSelection } from '#db/store/dead-letter-selection.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { ConfiguredRetry, FailedGroup, KnownPlace } from '#domain/operation/find-retry-destination.ts'

/** Origins and groups of the selection, each pair once; at most `limit`. */
export async function listFailedGroups(
  database: Database,
  row: OperationRow,
  limit: number,
): Promise<readonly FailedGroup[]> {
  const { rows } = await database.execute<{ [Key in keyof FailedGroup]: FailedGroup[Key] }>(sql`
    select distinct dl.origin_destination as origin, dl.consumer_group as "group"
    from dead_letter dl where ${matchesSelection(row)} order by 1, 2 limit ${limit}`)
  return rows
}

/** Those of the names that are there, with the groups that were polled reading them. */
export async function listKnownPlaces(
  database: Database,
  clusterId: string,
  names: readonly string[],
): Promise<readonly KnownPlace[]> {
  const { rows } = await database.execute<{ name: string; isInternal: boolean; readers: string[] }>(sql`
    select place.name, place.is_internal as "isInternal",
      coalesce((select array_agg(group_name order by group_name) from group_lag
        where cluster_id = place.cluster_id and destination = place.name), '{}') as readers
    from destination place
    where place.cluster_id = ${clusterId} and place.gone_at is null and place.name = any(${sql.param([...names])}::text[])`)
  return rows
}

const configuredRetries = z
  .array(z.object({ originDestination: z.string(), consumerGroup: z.string(), destination: z.string() }))
  .catch([])

/** What the registration of the cluster says about retries. */
export async function readRetryConfiguration(
  database: Database,
  clusterId: string,
): Promise<{ readonly kind: string | null; readonly configured: readonly ConfiguredRetry[] }> {
  const { rows } = await database.execute<{ kind: string; configured: unknown }>(sql`
    select kind, configuration -> 'retryDestinations' as configured from cluster where id = ${clusterId}`)
  return { kind: rows[0]?.kind ?? null, configured: configuredRetries.parse(rows[0]?.configured ?? []) }
}
