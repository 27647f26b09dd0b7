import { and, asc, eq, isNull } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { cluster, destination } from '#db/schema/cluster.ts'

/** The clusters that have a destination of this name, by id; at most 20. */
export async function listClustersOfDestination(
  database: Database,
  name: string,
): Promise<readonly { readonly id: string; readonly kind: string }[]> {
  return database
    .select({ id: cluster.id, kind: cluster.kind })
    .from(destination)
    .innerJoin(cluster, eq(cluster.id, destination.clusterId))
    .where(and(eq(destination.name, name), isNull(destination.goneAt), isNull(cluster.removedAt)))
    .orderBy(asc(cluster.id))
    .limit(20)
}
