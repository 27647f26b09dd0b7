import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { estimateSizeExpiry, type LaneGrowth, type SizeExpiry } from '#domain/dead-letter/estimate-size-expiry.ts'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'
import { parsePosition } from '#domain/position.ts'

/** The newest letters of a place that tell how fast it grows. */
const SAMPLED = 500

interface LetterPlace {
  readonly clusterId: string
  readonly destination: string
  /** Printed. */
  readonly position: string
}

/** When a dead letter is lost because its place grows; null where no size is limited, or nothing is known of the lane. */
export async function findSizeExpiry(
  database: Database,
  letter: LetterPlace,
  nowMs: number,
): Promise<SizeExpiry | null> {
  const position = parsePosition(letter.position)
  const sequence = Number(position?.sequence)
  if (position === null || !Number.isSafeInteger(sequence)) return null
  const { rows } = await database.execute<Row<LaneGrowth & { retentionBytes: number }>>(sql`
    with place as (
      select substring(settings ->> 'retention.bytes' from '^[0-9]{1,15}$')::float8 as retention_bytes from destination
      where cluster_id = ${letter.clusterId} and name = ${letter.destination}
    ), sample as (
      select newest.* from unnest(${sql.param([...DEAD_LETTER_STATES])}::text[]) as one(state) cross join lateral (
        select dl.id, dl.position, dl.dead_at,
          dl.payload_bytes + coalesce(length(dl.message_key), 0) + length(dl.headers::text) as bytes
        from dead_letter dl
        where dl.cluster_id = ${letter.clusterId} and dl.destination = ${letter.destination} and dl.state = one.state
        order by dl.id desc limit ${SAMPLED}
      ) newest
      where exists (select from place where retention_bytes is not null) order by newest.id desc limit ${SAMPLED}
    )
    select place.retention_bytes as "retentionBytes", lane."newestSequence", lane."laneBytes", lane."laneCount",
      (select (extract(epoch from min(dead_at)) * 1000)::float8 from sample) as "sinceMs"
    from place cross join (
      select max(substring(position from '@([0-9]{1,15})$')::float8) as "newestSequence", sum(bytes)::float8 as "laneBytes",
        count(*)::int as "laneCount"
      from sample where split_part(position, '@', 1) = ${position.lane}
    ) lane where place.retention_bytes is not null and lane."newestSequence" is not null`)
  const [growth] = rows
  return growth === undefined ? null : estimateSizeExpiry(growth.retentionBytes, sequence, growth, nowMs)
}
