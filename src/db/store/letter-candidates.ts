import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { tallies } from '#db/store/dead-letter-tally.ts'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'

/** Among which dead letters, and for what, is looked. null = not asked. */
export interface LetterQuestion {
  readonly state: DeadLetterState
  readonly fingerprint: string | null
  /** One dead-letter place. */
  readonly place: { readonly clusterId: string; readonly destination: string } | null
  readonly filter: LetterFilter
}

/** A place in the order (time of death, id), newest first. The time is text, exact to the microsecond. */
export interface LetterPlace {
  readonly deadAt: string
  readonly id: number
}

/** The question with what its words mean: an error is the failure groups that are called so. */
export interface LetterSearch extends LetterQuestion {
  /** null = of any group. */
  readonly fingerprints: readonly string[] | null
}

/** Failure groups that are compared with an error, and groups that one error may mean. */
const MAX_COMPARED = 5_000
const MAX_GROUPS = 500
export const MAX_COUNTED = 1_000_000

/** Resolves the error to failure groups; a group has one title, so that its letters need not be read. */
export async function openLetterSearch(database: Database, question: LetterQuestion): Promise<LetterSearch> {
  const { error } = question.filter
  if (error === null)
    return { ...question, fingerprints: question.fingerprint === null ? null : [question.fingerprint] }
  const { rows } = await database.execute<{ fingerprint: string }>(sql`
    select g.fingerprint from (
      select fingerprint from ${tallies(sql`state = ${question.state}`)} counted
      group by 1 having sum(letter_count) > 0 order by sum(letter_count) desc limit ${MAX_COMPARED}
    ) g
    cross join lateral (
      select fingerprint_title as title, exception_class from dead_letter
      where state = ${question.state} and fingerprint = g.fingerprint order by dead_at desc limit 1
    ) latest
    where (${question.fingerprint}::text is null or g.fingerprint = ${question.fingerprint})
      and (position(lower(${error}) in lower(latest.title)) > 0
        or position(lower(${error}) in lower(latest.exception_class)) > 0)
    limit ${MAX_GROUPS}`)
  return { ...question, fingerprints: rows.map(({ fingerprint }) => fingerprint) }
}

/**
 * Ids and times of the next `limit` dead letters that an index gives for the strongest part of the question, newest
 * death first. The other parts are {@link furtherConditions}.
 */
export function candidates(search: LetterSearch, after: LetterPlace | null, limit: number): SQL {
  const { state, filter, fingerprints, place } = search
  const below =
    after === null ? sql`true` : sql`(dl.dead_at, dl.id) < (${after.deadAt}::timestamptz, ${after.id}::bigint)`
  const newest = (condition: SQL): SQL => sql`
    select dl.dead_at, dl.id from dead_letter dl where dl.state = ${state} and ${condition} and ${below}
    order by dl.dead_at desc, dl.id desc limit ${limit}`
  if (filter.key !== null) {
    const key = Buffer.from(filter.key)
    return newest(sql`substring(dl.message_key from 1 for 64) = ${key.subarray(0, 64)} and dl.message_key = ${key}`)
  }
  if (fingerprints !== null)
    return sql`
      select of_group.dead_at, of_group.id from unnest(${sql.param([...fingerprints])}::text[]) as g(fingerprint)
      cross join lateral (${newest(sql`dl.fingerprint = g.fingerprint`)}) of_group
      order by of_group.dead_at desc, of_group.id desc limit ${limit}`
  if (place !== null) return newest(sql`dl.destination = ${place.destination} and dl.cluster_id = ${place.clusterId}`)
  if (filter.destination !== null)
    return sql`
      select dead_at, id from (
        (${newest(sql`dl.destination = ${filter.destination}`)})
        union (${newest(sql`dl.origin_destination = ${filter.destination}`)})
      ) either order by dead_at desc, id desc limit ${limit}`
  return newest(sql`true`)
}

/** Conditions on a row `dl` of dead_letter that {@link candidates} may have left open. */
export function furtherConditions({ place, fingerprints, filter }: LetterSearch): SQL {
  const conditions = [
    place === null ? null : sql`dl.cluster_id = ${place.clusterId} and dl.destination = ${place.destination}`,
    fingerprints === null ? null : sql`dl.fingerprint = any(${sql.param([...fingerprints])}::text[])`,
    filter.destination === null ? null : sql`${filter.destination} in (dl.destination, dl.origin_destination)`,
    filter.header === null ? null : headerCondition(filter.header, filter.headerValue),
  ]
  return sql.join([sql`true`, ...conditions.filter((condition) => condition !== null)], sql` and `)
}

/** A value of clean text is stored as text; any other is compared by its bytes. */
const headerCondition = (name: string, value: string | null): SQL => sql`exists (
  select 1 from jsonb_array_elements(dl.headers) as header
  where lower(header ->> 'n') = lower(${name}) and (${value}::text is null or header ->> 't' = ${value}))`

/** True when the candidates are the answer: nothing of them has to be looked at one by one. */
export const isAnsweredByIndex = ({ filter, place, fingerprints }: LetterSearch): boolean =>
  filter.expression === null &&
  filter.header === null &&
  [filter.key, fingerprints, filter.destination, place].filter((part) => part !== null).length <= 1

/** How many candidates there are, at most a million counted. */
export async function countCandidates(database: Database, search: LetterSearch): Promise<number> {
  const { rows } = await database.execute<{ count: number }>(
    sql`select count(*)::int as count from (${candidates(search, null, MAX_COUNTED)}) candidate`,
  )
  return rows[0]?.count ?? 0
}
