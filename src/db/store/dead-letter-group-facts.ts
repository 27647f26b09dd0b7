import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { tallies } from '#db/store/dead-letter-tally.ts'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'

const HOUR_MS = 3_600_000

export interface GroupRange {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** Deaths of one step of time, and how many of those are still open. */
export interface GroupArrival {
  readonly atMs: number
  readonly count: number
  readonly openCount: number
}

/** What is known of a place that the group lies in, about how long it keeps its messages. */
export interface GroupPlace {
  readonly clusterId: string
  readonly destination: string
  readonly foundBy: string | null
  readonly evidence: string | null
  /** null = without limit by time, or not known. */
  readonly retentionMs: number | null
  /** Of one partition, where its size is limited. */
  readonly retentionBytes: number | null
  /** Of the group's oldest open letter there, printed; null when none is open. */
  readonly oldestOpenPosition: string | null
}

export interface GroupFacts {
  /** Over every state. */
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Oldest first, without the empty steps; every state. */
  readonly arrivals: readonly GroupArrival[]
  readonly places: readonly GroupPlace[]
}

/**
 * When the letters of one failure group died and how long their places keep them; null when there is no such group.
 * Steps of whole hours are answered by the sums that are kept of the letters, finer ones by the index of the group.
 */
export async function readGroupFacts(
  database: Database,
  fingerprint: string,
  range: GroupRange,
): Promise<GroupFacts | null> {
  const ofGroup = sql`state = any(${sql.param([...DEAD_LETTER_STATES])}::text[]) and fingerprint = ${fingerprint}`
  const [sums, arrivals, places] = await Promise.all([
    database.execute<Row<Record<'count' | 'firstAtMs' | 'lastAtMs', number | null>>>(sql`
      select (select sum(letter_count)::int from ${tallies(ofGroup)} counted) as count,
        (extract(epoch from min(oldest)) * 1000)::float8 as "firstAtMs",
        (extract(epoch from max(newest)) * 1000)::float8 as "lastAtMs"
      from unnest(${sql.param([...DEAD_LETTER_STATES])}::text[]) as one(state) cross join lateral (
        select min(dl.dead_at) as oldest, max(dl.dead_at) as newest from dead_letter dl
        where dl.state = one.state and dl.fingerprint = ${fingerprint}
      ) ends`),
    database.execute<Row<GroupArrival>>(sql`
      select "atMs", sum(n)::int as count, coalesce(sum(n) filter (where state = 'open'), 0)::int as "openCount"
      from ${range.stepMs % HOUR_MS === 0 ? countedByHour(ofGroup, range) : countedOneByOne(ofGroup, range)} died
      group by 1 having sum(n) > 0 order by 1 limit 2000`),
    database.execute<Row<GroupPlace>>(sql`
      select used.cluster_id as "clusterId", used.destination, place.dead_letter_found_by as "foundBy",
        place.dead_letter_evidence as evidence, place.retention_ms::float8 as "retentionMs",
        substring(place.settings ->> 'retention.bytes' from '^[0-9]{1,15}$')::float8 as "retentionBytes",
        (select dl.position from dead_letter dl
          where dl.state = 'open' and dl.fingerprint = ${fingerprint} and dl.cluster_id = used.cluster_id
            and dl.destination = used.destination order by dl.dead_at, dl.id limit 1) as "oldestOpenPosition"
      from (
        select cluster_id, destination from ${tallies(ofGroup)} counted
        group by 1, 2 having sum(letter_count) > 0 order by sum(letter_count) desc limit 20
      ) used
      left join destination place on place.cluster_id = used.cluster_id and place.name = used.destination`),
  ])
  const [sum] = sums.rows
  if (sum === undefined || sum.firstAtMs === null || sum.lastAtMs === null) return null
  return {
    count: sum.count ?? 0,
    firstAtMs: sum.firstAtMs,
    lastAtMs: sum.lastAtMs,
    arrivals: arrivals.rows,
    places: places.rows,
  }
}

/** `state`, `n` and the step as `"atMs"` of the letters that `ofGroup` means. */
const countedOneByOne = (ofGroup: SQL, { fromMs, toMs, stepMs }: GroupRange): SQL => sql`(
  select state, 1 as n,
    (floor(extract(epoch from dead_at) * 1000 / ${stepMs}::float8) * ${stepMs}::float8)::float8 as "atMs"
  from dead_letter
  where ${ofGroup} and dead_at >= to_timestamp(${fromMs}::float8 / 1000) and dead_at < to_timestamp(${toMs}::float8 / 1000))`

/** The same from the sums; `fromMs` and `toMs` are whole steps then. */
const countedByHour = (ofGroup: SQL, { fromMs, toMs, stepMs }: GroupRange): SQL => sql`(
  select state, letter_count as n,
    (floor(dead_hour * ${HOUR_MS}::float8 / ${stepMs}::float8) * ${stepMs}::float8)::float8 as "atMs"
  from ${tallies(sql`${ofGroup} and dead_hour >= ${fromMs / HOUR_MS} and dead_hour < ${toMs / HOUR_MS}`)} counted)`
