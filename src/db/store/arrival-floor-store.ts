import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'

/** Items around those in question that are looked at: more than are ever under way at once. */
const AROUND = 20_000

/**
 * By lane of the destination, the highest position that was confirmed before `claimedAtMs`: whatever was claimed then or
 * later lies behind it. Only items near the given ordinals are looked at; a lane without any of them is missing, and so
 * is one whose positions are no numbers.
 */
export async function findFloor(
  database: Database,
  query: {
    readonly operationId: string
    readonly destination: string
    readonly claimedAtMs: number
    readonly ordinals: readonly number[]
  },
): Promise<ReadonlyMap<string, bigint>> {
  const [first, last] = [Math.min(...query.ordinals), Math.max(...query.ordinals)]
  const { rows } = await database.execute<{ lane: string; sequence: string }>(sql`
    select split_part(target_position, '@', 1) as lane,
      max(split_part(target_position, '@', 2)::numeric)::text as sequence
    from operation_item
    where operation_id = ${query.operationId} and ordinal > ${first - AROUND} and ordinal < ${last + AROUND}
      and target_destination = ${query.destination} and state in ('confirmed', 'removed')
      and target_position ~ '^[^@]*@[0-9]+$' and confirmed_at < to_timestamp(${query.claimedAtMs}::float8 / 1000)
    group by 1`)
  return new Map(rows.map((row) => [row.lane, BigInt(row.sequence)]))
}
