import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
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
/** Messages of a group that are looked at for its title, origins and consumer groups. */
const SAMPLED = 20
const HOUR_MS = 3_600_000

type GroupRow = Row<Omit<DeadLetterGroup, 'places' | 'arrivals' | 'latestOperation'>> & {
  places: string[]
  totalCount: number
  groupCount: number
}

/**
 * The largest groups, the most frequent first. Counts and times come from a covering index (`dead_letter_group`),
 * so that the messages themselves are not read; title, origins and consumer groups are those of the latest few.
 */
export async function listDeadLetterGroups(database: Database, query: DeadLetterGroupQuery): Promise<DeadLetterGroups> {
  const { rows } = await database.execute<GroupRow>(sql`
    with place as (
      select fingerprint, cluster_id, destination, count(*)::int as n,
             min(dead_at) as first_at, max(dead_at) as last_at, min(expires_at) as expires_at
      from dead_letter where ${filter(query)} group by 1, 2, 3
    ), grouped as (
      select fingerprint, sum(n)::int as count, min(first_at) as first_at, max(last_at) as last_at,
             min(expires_at) as expires_at, array_agg(json_build_array(cluster_id, destination, n)::text) as places
      from place group by 1
    ), chosen as (
      select *, (sum(count) over ())::int as total_count, (count(*) over ())::int as group_count
      from grouped g where ${titleFilter(query)}
      order by count desc, fingerprint limit ${Math.min(query.limit, MAX_GROUPS)}
    )
    select c.fingerprint, c.count, c.places, s.*,
      (extract(epoch from c.first_at) * 1000)::float8 as "firstAtMs",
      (extract(epoch from c.last_at) * 1000)::float8 as "lastAtMs",
      (extract(epoch from c.expires_at) * 1000)::float8 as "soonestExpiryAtMs",
      c.total_count as "totalCount", c.group_count as "groupCount"
    from chosen c cross join lateral (
      select (array_agg(fingerprint_title))[1] as title,
        coalesce(array_agg(distinct origin_destination) filter (where origin_destination is not null), '{}') as origins,
        coalesce(array_agg(distinct consumer_group) filter (where consumer_group is not null), '{}') as "consumerGroups"
      from (
        select fingerprint_title, origin_destination, consumer_group from dead_letter
        where ${filter(query)} and fingerprint = c.fingerprint
        order by dead_at desc limit ${SAMPLED}
      ) latest
    ) s
    order by c.count desc, c.fingerprint`)
  const fingerprints = rows.map((row) => row.fingerprint)
  const [arrivals, operations] = await Promise.all([
    readArrivals(database, query, fingerprints),
    readLatestOperations(database, fingerprints),
  ])
  return {
    groups: rows.map(({ totalCount: _total, groupCount: _groups, places, ...group }) => ({
      ...group,
      places: places.map(unpackPlace).toSorted((a, b) => b.count - a.count),
      arrivals: arrivals.get(group.fingerprint) ?? [],
      latestOperation: operations.get(group.fingerprint) ?? null,
    })),
    totalCount: rows[0]?.totalCount ?? 0,
    groupCount: rows[0]?.groupCount ?? 0,
  }
}

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

async function readArrivals(
  database: Database,
  query: DeadLetterGroupQuery,
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, ArrivalBucket[]>> {
  const found = new Map<string, ArrivalBucket[]>()
  if (fingerprints.length === 0) return found
  const fromMs = query.nowMs - 24 * HOUR_MS
  const { rows } = await database.execute<{ fingerprint: string; atMs: number; count: number }>(sql`
    select fingerprint, floor(extract(epoch from dead_at) / 3600)::float8 * ${HOUR_MS}::float8 as "atMs", count(*)::int as count
    from dead_letter
    where ${filter(query)} and fingerprint = any(${sql.param([...fingerprints])})
      and dead_at >= to_timestamp(${fromMs}::float8 / 1000)
    group by 1, 2 order by 1, 2`)
  for (const { fingerprint, ...bucket } of rows) {
    const buckets = found.get(fingerprint)
    if (buckets) buckets.push(bucket)
    else found.set(fingerprint, [bucket])
  }
  return found
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
