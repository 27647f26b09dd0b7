import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'

/** Folds at once would wait for each other's rows; the second leaves its share to the first one's next round. */
const FOLD_LOCK = 'throughline dead letter tally'

/**
 * A sub-select of exact sums as of the statement's snapshot: what is folded and what transactions changed since. Of one
 * row several may come, also negative ones, so that its reader has to sum up `letter_count`. `where` is about the columns
 * of `dead_letter_tally`.
 */
export const tallies = (where: SQL): SQL => sql`(
  select * from dead_letter_tally where ${where}
  union all
  select * from dead_letter_tally_change where ${where}
)`

/** Adds up what changed since the last time. Nothing that {@link tallies} says changes by it, only what saying it costs. */
export async function foldDeadLetterTally(database: Database): Promise<void> {
  await database.transaction(async (transaction) => {
    const { rows } = await transaction.execute<{ isOurs: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtext(${FOLD_LOCK})) as "isOurs"`,
    )
    if (rows[0]?.isOurs !== true) return
    const { rowCount } = await transaction.execute(sql`
      with taken as (
        delete from dead_letter_tally_change returning *
      )
      insert into dead_letter_tally
      select state, fingerprint, cluster_id, destination, origin_destination, consumer_group, dead_hour, sum(letter_count)
      from taken group by 1, 2, 3, 4, 5, 6, 7 having sum(letter_count) <> 0
      on conflict on constraint dead_letter_tally_key
      do update set letter_count = dead_letter_tally.letter_count + excluded.letter_count`)
    if ((rowCount ?? 0) > 0) await transaction.execute(sql`delete from dead_letter_tally where letter_count = 0`)
  })
}
