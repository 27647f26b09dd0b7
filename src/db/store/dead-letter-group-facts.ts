import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'

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
  /** Of one partition, where its size is limited; when that is reached depends on what comes in. */
  readonly retentionBytes: number | null
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
 * Everything but the places is answered by the covering index `dead_letter_group`.
 */
export async function readGroupFacts(
  database: Database,
  fingerprint: string,
  { fromMs, toMs, stepMs }: GroupRange,
): Promise<GroupFacts | null> {
  const ofGroup = sql`dl.state = any(${sql.param([...DEAD_LETTER_STATES])}::text[]) and dl.fingerprint = ${fingerprint}`
  const [sums, arrivals, places] = await Promise.all([
    database.execute<Row<Record<'count' | 'firstAtMs' | 'lastAtMs', number | null>>>(sql`
      select count(*)::int as count, (extract(epoch from min(dl.dead_at)) * 1000)::float8 as "firstAtMs",
        (extract(epoch from max(dl.dead_at)) * 1000)::float8 as "lastAtMs"
      from dead_letter dl where ${ofGroup}`),
    database.execute<Row<GroupArrival>>(sql`
      select (floor(extract(epoch from dl.dead_at) * 1000 / ${stepMs}::float8) * ${stepMs}::float8)::float8 as "atMs",
        count(*)::int as count, (count(*) filter (where dl.state = 'open'))::int as "openCount"
      from dead_letter dl
      where ${ofGroup} and dl.dead_at >= to_timestamp(${fromMs}::float8 / 1000)
        and dl.dead_at < to_timestamp(${toMs}::float8 / 1000)
      group by 1 order by 1 limit 2000`),
    database.execute<Row<GroupPlace>>(sql`
      select used.cluster_id as "clusterId", used.destination, place.dead_letter_found_by as "foundBy",
        place.dead_letter_evidence as evidence, place.retention_ms::float8 as "retentionMs",
        substring(place.settings ->> 'retention.bytes' from '^[0-9]{1,15}$')::float8 as "retentionBytes"
      from (
        select dl.cluster_id, dl.destination from dead_letter dl
        where ${ofGroup} group by 1, 2 order by count(*) desc limit 20
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
