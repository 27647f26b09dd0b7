import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { tallies } from '#db/store/dead-letter-tally.ts'
import type { DeadLetterPlaceReading, RouteReading } from '#domain/topology/topology.ts'

const MAX_PLACES = 1_000

/**
 * Every destination in which dead letters end, with how many are open. Where the broker's settings do not tell the
 * origin, the open messages do.
 */
export async function listDeadLetterPlaces(database: Database): Promise<readonly DeadLetterPlaceReading[]> {
  const { rows } = await database.execute<Row<DeadLetterPlaceReading>>(sql`
    with open as (
      select cluster_id, destination, sum(n)::int as n, min(expires_at) as expires_at,
        array_agg(distinct origin) filter (where origin <> '') as origins
      from (
        select cluster_id, destination, fingerprint, origin_destination as origin, sum(letter_count) as n
        from ${tallies(sql`state = 'open'`)} counted group by 1, 2, 3, 4 having sum(letter_count) > 0
      ) of_group cross join lateral (
        select min(dl.expires_at) as expires_at from dead_letter dl
        where dl.state = 'open' and dl.cluster_id = of_group.cluster_id and dl.destination = of_group.destination
          and dl.fingerprint = of_group.fingerprint and dl.expires_at is not null
      ) soonest group by 1, 2
    ), place as (
      select d.cluster_id, d.name as destination, d.dead_letter_origin as origin
      from destination d where d.dead_letter_found_by is not null and d.gone_at is null
      union
      select o.cluster_id, o.destination, null from open o
      where not exists (
        select 1 from destination d
        where d.cluster_id = o.cluster_id and d.name = o.destination and d.dead_letter_found_by is not null
      )
    )
    select p.cluster_id as "clusterId", p.destination,
      case when p.origin is not null then array[p.origin] else coalesce(open.origins, '{}') end as origins,
      coalesce(open.n, 0) as "openCount",
      (extract(epoch from open.expires_at) * 1000)::float8 as "soonestExpiryAtMs"
    from place p
    join cluster c on c.id = p.cluster_id and c.removed_at is null
    left join open on open.cluster_id = p.cluster_id and open.destination = p.destination
    order by coalesce(open.n, 0) desc, p.cluster_id, p.destination limit ${MAX_PLACES}`)
  return rows
}

/** Queues that are subscribed to events: what is sent to the event is copied into each of them. */
export async function listRoutes(database: Database): Promise<readonly RouteReading[]> {
  const { rows } = await database.execute<Row<RouteReading>>(sql`
    select d.cluster_id as "clusterId", event as "from", d.name as "to"
    from destination d
    join cluster c on c.id = d.cluster_id and c.removed_at is null
    cross join lateral regexp_split_to_table(d.settings ->> 'subscribedTo', ', ') as event
    where d.gone_at is null and not d.is_internal and event <> ''
    order by 1, 2, 3 limit ${MAX_PLACES}`)
  return rows
}
