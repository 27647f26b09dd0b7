import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { consumerGroup, destination } from '#db/schema/cluster.ts'

export interface SeenDestination {
  readonly name: string
  readonly kind: 'topic' | 'queue' | 'stream'
  readonly isInternal: boolean
  readonly lanes: readonly string[]
  readonly retentionMs: number | null
  readonly settings: Readonly<Record<string, string | null>>
}

export interface SeenGroup {
  readonly name: string
  readonly state: string
  readonly protocol: string | null
  readonly members: readonly unknown[] | null
}

export interface SeenDeadLetterPlace {
  readonly destination: string
  readonly foundBy: string
  readonly evidence: string
  readonly originDestination: string | null
}

/** Rows of one statement: keeps a statement well below the protocol's 65,535 parameters. */
const CHUNK = 500

/** A row that stays as it is is confirmed this often. */
const CONFIRM_EVERY_MS = 300_000

/** Names of everything that an inventory saw. */
export interface SeenNames {
  readonly destinations: Iterable<string>
  readonly groups: Iterable<string>
}

/**
 * Writes what an inventory saw, as far as it is new, another than before, or has not been confirmed for some minutes.
 * What was absent from it and from the one before is marked gone; what is back is not.
 *
 * @param atMs when this inventory began
 * @param previous what the last complete one saw; null marks nothing as gone (first or incomplete reading)
 */
export async function saveInventory(
  database: Database,
  clusterId: string,
  seen: { readonly destinations: readonly SeenDestination[]; readonly groups: readonly SeenGroup[] },
  atMs: number,
  previous: SeenNames | null,
): Promise<void> {
  const seenAt = new Date(atMs)
  await database.transaction(async (transaction) => {
    for (const chunk of chunksOf(seen.destinations)) await saveDestinations(transaction, clusterId, chunk, seenAt)
    for (const chunk of chunksOf(seen.groups)) await saveGroups(transaction, clusterId, chunk, seenAt)
    if (previous === null) return
    const kept = [
      [destination, [...seen.destinations.map(({ name }) => name), ...previous.destinations]],
      [consumerGroup, [...seen.groups.map(({ name }) => name), ...previous.groups]],
    ] as const
    for (const [table, names] of kept) {
      await transaction
        .update(table)
        .set({ goneAt: seenAt })
        .where(
          and(
            eq(table.clusterId, clusterId),
            isNull(table.goneAt),
            sql`${table.name} <> all(${sql.param(names)}::text[])`,
          ),
        )
    }
  })
}

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

const confirmedBefore = (seenAt: Date): Date => new Date(seenAt.getTime() - CONFIRM_EVERY_MS)

async function saveDestinations(
  transaction: Transaction,
  clusterId: string,
  chunk: readonly SeenDestination[],
  seenAt: Date,
): Promise<void> {
  await transaction
    .insert(destination)
    .values(chunk.map((one) => ({ ...one, lanes: [...one.lanes], settings: { ...one.settings }, clusterId, seenAt })))
    .onConflictDoUpdate({
      target: [destination.clusterId, destination.name],
      set: {
        kind: sql`excluded.kind`,
        isInternal: sql`excluded.is_internal`,
        lanes: sql`excluded.lanes`,
        retentionMs: sql`excluded.retention_ms`,
        settings: sql`excluded.settings`,
        seenAt,
        goneAt: null,
      },
      setWhere: sql`(destination.kind, destination.is_internal, destination.lanes, destination.retention_ms, destination.settings)
        is distinct from (excluded.kind, excluded.is_internal, excluded.lanes, excluded.retention_ms, excluded.settings)
        or destination.gone_at is not null or destination.seen_at < ${confirmedBefore(seenAt)}`,
    })
}

async function saveGroups(
  transaction: Transaction,
  clusterId: string,
  chunk: readonly SeenGroup[],
  seenAt: Date,
): Promise<void> {
  await transaction
    .insert(consumerGroup)
    .values(
      chunk.map((one) => ({ ...one, members: one.members === null ? null : [...one.members], clusterId, seenAt })),
    )
    .onConflictDoUpdate({
      target: [consumerGroup.clusterId, consumerGroup.name],
      set: {
        state: sql`excluded.state`,
        protocol: sql`excluded.protocol`,
        members: sql`excluded.members`,
        seenAt,
        goneAt: null,
      },
      setWhere: sql`(consumer_group.state, consumer_group.protocol, consumer_group.members)
        is distinct from (excluded.state, excluded.protocol, excluded.members)
        or consumer_group.gone_at is not null or consumer_group.seen_at < ${confirmedBefore(seenAt)}`,
    })
}

/** Notes on the destinations where dead letters land. What a person said by hand is not overwritten. */
export async function saveDeadLetterPlaces(
  database: Database,
  clusterId: string,
  places: readonly SeenDeadLetterPlace[],
): Promise<void> {
  for (const place of places) {
    await database
      .update(destination)
      .set({
        deadLetterFoundBy: place.foundBy,
        deadLetterEvidence: place.evidence,
        deadLetterOrigin: place.originDestination,
      })
      .where(
        and(
          eq(destination.clusterId, clusterId),
          eq(destination.name, place.destination),
          sql`${destination.deadLetterFoundBy} is distinct from 'hand'`,
          sql`(${destination.deadLetterFoundBy}, ${destination.deadLetterEvidence}, ${destination.deadLetterOrigin})
              is distinct from (${place.foundBy}, ${place.evidence}, ${place.originDestination}::text)`,
        ),
      )
  }
}

export interface KnownDeadLetterPlace {
  readonly destination: string
  readonly foundBy: 'hand' | 'configuration'
  readonly evidence: string
  readonly origin: string | null
  readonly retentionMs: number | null
}

/** Dead-letter places on record that were found in one of these ways and are still there, at most 1,000. */
export async function listKnownPlaces(
  database: Database,
  clusterId: string,
  ways: readonly KnownDeadLetterPlace['foundBy'][],
): Promise<readonly KnownDeadLetterPlace[]> {
  return database
    .select({
      destination: destination.name,
      foundBy: sql<KnownDeadLetterPlace['foundBy']>`${destination.deadLetterFoundBy}`,
      evidence: sql<string>`coalesce(${destination.deadLetterEvidence}, 'named by a person')`,
      origin: destination.deadLetterOrigin,
      retentionMs: destination.retentionMs,
    })
    .from(destination)
    .where(
      and(
        eq(destination.clusterId, clusterId),
        inArray(destination.deadLetterFoundBy, [...ways]),
        isNull(destination.goneAt),
      ),
    )
    .limit(1_000)
}

function chunksOf<Item>(items: readonly Item[]): Item[][] {
  const chunks: Item[][] = []
  for (let at = 0; at < items.length; at += CHUNK) chunks.push(items.slice(at, at + CHUNK))
  return chunks
}
