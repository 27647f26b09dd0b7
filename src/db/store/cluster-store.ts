import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { cluster } from '#db/schema/cluster.ts'

export type ClusterRow = typeof cluster.$inferSelect

export interface ClusterRegistration {
  readonly id: string
  readonly kind: ClusterRow['kind']
  readonly name: string
  readonly environment: string
  readonly configuration: Readonly<Record<string, unknown>>
  readonly sealedSecret: Uint8Array | null
}

/** Makes the row say what the configuration says; what polls have learnt stays. A removed cluster comes back. */
export async function upsertCluster(database: Database, registration: ClusterRegistration): Promise<void> {
  const values = { ...registration, configuration: { ...registration.configuration } }
  await database
    .insert(cluster)
    .values(values)
    .onConflictDoUpdate({ target: cluster.id, set: { ...values, removedAt: null } })
}

/** Clusters that are not removed, by id. */
export async function listActiveClusters(database: Database): Promise<ClusterRow[]> {
  return database.select().from(cluster).where(isNull(cluster.removedAt)).orderBy(asc(cluster.id)).limit(1_000)
}

/** null when there is no such cluster, or it was removed. */
export async function findActiveCluster(database: Database, id: string): Promise<ClusterRow | null> {
  const rows = await database
    .select()
    .from(cluster)
    .where(and(eq(cluster.id, id), isNull(cluster.removedAt)))
  return rows[0] ?? null
}

export interface ClusterStatus {
  readonly status: ClusterRow['status']
  /** One sentence; null when there is nothing to explain. */
  readonly reason: string | null
}

/** `statusAt` is when the status was last confirmed, so that a page can say "as of". */
export async function setClusterStatus(database: Database, id: string, next: ClusterStatus): Promise<void> {
  await database
    .update(cluster)
    .set({ status: next.status, statusReason: next.reason, statusAt: sql`clock_timestamp()` })
    .where(eq(cluster.id, id))
}

/** What the adapter can do, and which installation answered. */
export async function setClusterCapabilities(
  database: Database,
  id: string,
  brokerIdentity: string,
  capabilities: Record<string, unknown>,
): Promise<void> {
  await database.update(cluster).set({ brokerIdentity, capabilities }).where(eq(cluster.id, id))
}
