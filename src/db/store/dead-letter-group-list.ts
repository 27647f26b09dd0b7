import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { tallies } from '#db/store/dead-letter-tally.ts'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { OperationState } from '#domain/operation/operation-state.ts'

export interface DeadLetterGroupQuery {
  readonly state: DeadLetterState
  readonly clusterId: string | null
  /** Part of the failure's title. */
  readonly search: string | null
  readonly nowMs: number
  /** At most {@link MAX_GROUPS}. */
  readonly limit: number
}

export interface ArrivalBucket {
  readonly atMs: number
  readonly count: number
}

/** Dead letters that died of the same thing. */
export interface DeadLetterGroup {
  readonly fingerprint: string
  readonly title: string
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** When the first of them is lost; null = none expires, or unknown. */
  readonly soonestExpiryAtMs: number | null
  /** Where they lie. */
  readonly places: readonly { readonly clusterId: string; readonly destination: string; readonly count: number }[]
  readonly origins: readonly string[]
  readonly consumerGroups: readonly string[]
  /** The last 24 hours by the hour, oldest first, without the empty hours. */
  readonly arrivals: readonly ArrivalBucket[]
  readonly latestOperation: {
    readonly id: string
    readonly number: number
    readonly state: OperationState
    readonly createdAtMs: number
  } | null
}

export interface DeadLetterGroups {
  readonly groups: readonly DeadLetterGroup[]
  /** Over all groups, also those beyond the listed ones. */
  readonly totalCount: number
  readonly groupCount: number
}

export const MAX_GROUPS = 200
const HOUR_MS = 3_600_000

type GroupRow = Row<Omit<DeadLetterGroup, 'places' | 'arrivals' | 'latestOperation'>> & {
  places: string[]
  arrivals: ArrivalBucket[]
  totalCount: number
  groupCount: number
}

/**
 * The largest groups, the most frequent first. What is counted is read from the sums that are kept of the letters; the
 * letters themselves are asked by index for one title and the ends of their times per listed group.
 */
export async function listDeadLetterGroups(database: Database, query: DeadLetterGroupQuery): Promise<DeadLetterGroups> {
  const ofGroup = sql`${filter(query)} and fingerprint = c.fingerprint`
  const { rows } = await database.execute<GroupRow>(sql`
    with tally as materialized (
      select fingerprint, cluster_id, destination, origin_destination as origin, consumer_group, dead_hour,
        sum(letter_count)::int as n
      from ${tallies(filter(query))} counted group by 1, 2, 3, 4, 5, 6 having sum(letter_count) > 0
    ), grouped as (
      select fingerprint, sum(n)::int as count, array_remove(array_agg(distinct origin), '') as origins,
        array_remove(array_agg(distinct consumer_group), '') as consumer_groups
      from tally group by 1
    ), chosen as (
      select *, (sum(count) over ())::int as total_count, (count(*) over ())::int as group_count
      from grouped g where ${titleFilter(query)}
      order by count desc, fingerprint limit ${Math.min(query.limit, MAX_GROUPS)}
    ), placed as (
      select fingerprint, array_agg(json_build_array(cluster_id, destination, n)::text) as places, min(expires_at) as expires_at
      from (
        select fingerprint, cluster_id, destination, sum(n)::int as n from tally
        where fingerprint in (select fingerprint from chosen) group by 1, 2, 3
      ) place cross join lateral (
        select min(dl.expires_at) as expires_at from dead_letter dl
        where dl.state = ${query.state} and dl.cluster_id = place.cluster_id and dl.destination = place.destination
          and dl.fingerprint = place.fingerprint and dl.expires_at is not null
      ) soonest group by 1
    ), arrived as (
      select fingerprint,
        json_agg(json_build_object('atMs', dead_hour::float8 * ${HOUR_MS}::float8, 'count', n) order by dead_hour) as arrivals
      from (
        select fingerprint, dead_hour, sum(n)::int as n from tally
        where dead_hour >= ${Math.floor(query.nowMs / HOUR_MS) - 24} and fingerprint in (select fingerprint from chosen)
        group by 1, 2
      ) hourly group by 1
    )
    select c.fingerprint, c.count, c.origins, c.consumer_groups as "consumerGroups", newest.title, placed.places,
      coalesce(arrived.arrivals, '[]') as arrivals,
      (extract(epoch from oldest.dead_at) * 1000)::float8 as "firstAtMs",
      (extract(epoch from newest.dead_at) * 1000)::float8 as "lastAtMs",
      (extract(epoch from placed.expires_at) * 1000)::float8 as "soonestExpiryAtMs",
      c.total_count as "totalCount", c.group_count as "groupCount"
    from chosen c join placed using (fingerprint) left join arrived using (fingerprint)
    cross join lateral (
      select fingerprint_title as title, dead_at from dead_letter where ${ofGroup} order by dead_at desc limit 1
    ) newest
    cross join lateral (select dead_at from dead_letter where ${ofGroup} order by dead_at limit 1) oldest
    order by c.count desc, c.fingerprint`)
  const operations = await readLatestOperations(
    database,
    rows.map((row) => row.fingerprint),
  )
  return {
    groups: rows.map(({ totalCount: _total, groupCount: _groups, places, ...group }) => ({
      ...group,
      places: places.map(unpackPlace).toSorted((a, b) => b.count - a.count),
      latestOperation: operations.get(group.fingerprint) ?? null,
    })),
    totalCount: rows[0]?.totalCount ?? 0,
    groupCount: rows[0]?.groupCount ?? 0,
  }
}

/** Of the letters and of their sums alike. */
function filter(query: DeadLetterGroupQuery): SQL {
  return query.clusterId === null
    ? sql`state = ${query.state}`
    : sql`state = ${query.state} and cluster_id = ${query.clusterId}`
}

function titleFilter(query: DeadLetterGroupQuery): SQL {
  if (query.search === null || query.search === '') return sql`true`
  return sql`exists (
    select 1 from (
      select fingerprint_title from dead_letter
      where ${filter(query)} and fingerprint = g.fingerprint order by dead_at desc limit 1
    ) latest where position(lower(${query.search}) in lower(fingerprint_title)) > 0)`
}

function unpackPlace(text: string): DeadLetterGroup['places'][number] {
  const [clusterId, destination, count] = JSON.parse(text) as [string, string, number]
  return { clusterId, destination, count }
}

async function readLatestOperations(
  database: Database,
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<DeadLetterGroup['latestOperation']>>> {
  if (fingerprints.length === 0) return new Map()
  const { rows } = await database.execute<
    Row<NonNullable<DeadLetterGroup['latestOperation']>> & { fingerprint: string }
  >(sql`
    select f.fingerprint, o.id, o.number, o.state, (extract(epoch from o.created_at) * 1000)::float8 as "createdAtMs"
    from unnest(${sql.param([...fingerprints])}::text[]) as f(fingerprint)
    cross join lateral (
      select id, number, state, created_at from operation
      where selection ->> 'fingerprint' = f.fingerprint
      order by created_at desc limit 1
    ) o`)
  return new Map(rows.map(({ fingerprint, ...operation }) => [fingerprint, operation]))
}
