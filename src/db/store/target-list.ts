import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { destination } from '#db/schema/cluster.ts'

/** A destination that copies may be sent to. */
export interface TargetChoice {
  readonly name: string
  /** Dead letters land there. */
  readonly isDeadLetterPlace: boolean
}

/** Destinations of a cluster that are there and not the broker's own, whose names hold the text; the first by name. */
export async function listTargetChoices(
  database: Database,
  query: { readonly clusterId: string; readonly search: string; readonly limit: number },
): Promise<readonly TargetChoice[]> {
  return database
    .select({
      name: destination.name,
      isDeadLetterPlace: sql<boolean>`${destination.deadLetterFoundBy} is not null`,
    })
    .from(destination)
    .where(
      and(
        eq(destination.clusterId, query.clusterId),
        eq(destination.isInternal, false),
        isNull(destination.goneAt),
        sql`position(lower(${query.search}) in lower(${destination.name})) > 0`,
      ),
    )
    .orderBy(asc(destination.name))
    .limit(query.limit)
}
