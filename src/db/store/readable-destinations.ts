import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { cluster, destination } from '#db/schema/cluster.ts'

export interface ReadableDestination {
  readonly clusterId: string
  readonly destination: string
}

/** More destinations than this are an installation whose teams should put ids on their spans. */
const MAX_DESTINATIONS = 5_000

/** Topics that are there, whose records can be read by position without taking them. */
export async function listReadableDestinations(database: Database): Promise<readonly ReadableDestination[]> {
  return database
    .select({ clusterId: cluster.id, destination: destination.name })
    .from(destination)
    .innerJoin(cluster, eq(cluster.id, destination.clusterId))
    .where(
      and(
        eq(cluster.kind, 'kafka'),
        eq(destination.kind, 'topic'),
        eq(destination.isInternal, false),
        isNull(destination.goneAt),
        isNull(cluster.removedAt),
      ),
    )
    .limit(MAX_DESTINATIONS)
}
