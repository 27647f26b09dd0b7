import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'

/** Open dead letters whose place has let go of them by now. @returns how many; at most `limit` in one go. */
export async function expireDeadLetters(database: Database, clusterId: string, limit: number): Promise<number> {
  const due = database
    .select({ id: deadLetter.id })
    .from(deadLetter)
    .where(
      and(
        eq(deadLetter.clusterId, clusterId),
        eq(deadLetter.state, 'open'),
        // As a sub-select the clock is read once: compared as it is with every row, no index could answer.
        sql`${deadLetter.expiresAt} < (select clock_timestamp())`,
      ),
    )
    .limit(limit)
  const { rowCount } = await database
    .update(deadLetter)
    .set({ state: 'expired', stateAt: sql`clock_timestamp()` })
    .where(sql`${deadLetter.id} in ${due} and ${deadLetter.state} = 'open'`)
  return rowCount ?? 0
}

/** An open dead letter as its place is asked for it. */
export interface OpenPosition {
  readonly id: number
  readonly position: string
  /** The record that it points to, where it does and we do not have that; both null = nothing is to be fetched. */
  readonly unfetchedOrigin: string | null
  readonly unfetchedPosition: string | null
}

/** Open dead letters of a place by id, one keyset page, without those of which our archive holds the only copy. */
export async function listOpenPositions(
  database: Database,
  page: {
    readonly clusterId: string
    readonly destination: string
    readonly afterId: number
    readonly limit: number
  },
): Promise<readonly OpenPosition[]> {
  const { rows } = await database.execute<{ [Key in keyof OpenPosition]: OpenPosition[Key] }>(sql`
    select dl.id::float8 as id, dl.position, unfetched.origin as "unfetchedOrigin",
      unfetched.position as "unfetchedPosition"
    from dead_letter dl
    left join lateral (
      select dl.origin_destination as origin, dl.origin_position as position
      where dl.dialect = 'kafka-share-group' and dl.message_key is null and dl.payload is null
        and dl.origin_destination is not null and dl.origin_position is not null
        and not exists (select from message_archive kept where kept.dead_letter_id = dl.id)
    ) unfetched on true
    where dl.cluster_id = ${page.clusterId} and dl.destination = ${page.destination} and dl.state = 'open'
      and dl.id > ${page.afterId}
      and not exists (select from message_archive kept where kept.dead_letter_id = dl.id and kept.is_only_copy)
    order by dl.id limit ${page.limit}`)
  return rows
}

/** Marks dead letters as expired that are open until now. An operation that sent one has said so before it was removed. */
export async function expireLetters(database: Database, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await database
    .update(deadLetter)
    .set({ state: 'expired', stateAt: sql`clock_timestamp()` })
    .where(and(inArray(deadLetter.id, [...ids]), eq(deadLetter.state, 'open')))
}
