import type pg from 'pg'
import { addPairText, type DurationSketch, quantileUs } from '#domain/trace/duration-sketch.ts'
import { pairsOf } from '#telemetry-store/postgres/rollup-share.ts'
import type { Deploy, GroupTakers, MeasuredDwell, TelemetryWindow } from '#telemetry-store/telemetry-store.ts'

const MAX_ROLLUPS = 100_000
const MAX_DEPLOYS = 50
const US_PER_S = 1_000_000

/** Queues have no group of their own name on spans: a message taken from one was taken by its workers. */
const OF_GROUP = `(consumer_group = $1 or (consumer_group is null and (destination = $1 or service = any($4::text[]))))`

/** How long messages waited that a group took in the window, by destination; the newest 100,000 sums when there are more. */
export async function readGroupDwell(
  pool: pg.Pool,
  { group, services }: GroupTakers,
  { fromUs, toUs }: TelemetryWindow,
): Promise<readonly MeasuredDwell[]> {
  const found = await pool.query<{ destination: string; received: number; dwell: string | null }>({
    name: 'telemetry-group-dwell',
    text: `select destination, sum(received_count)::float8 as received, ${pairsOf('dwell')} as dwell
           from (select destination, received_count, dwell from rollup
                 where bucket_s >= $2 and bucket_s < $3 and received_count > 0 and ${OF_GROUP}
                 order by bucket_s desc limit ${MAX_ROLLUPS}) recent
           group by destination order by destination limit 200`,
    values: [group, Math.floor(fromUs / US_PER_S), Math.ceil(toUs / US_PER_S), services],
  })
  return found.rows.map(({ destination, received, dwell: pairs }) => {
    const dwell: DurationSketch = new Map()
    addPairText(dwell, pairs)
    return {
      destination,
      receivedCount: received,
      p50Us: quantileUs(dwell, 0.5),
      p95Us: quantileUs(dwell, 0.95),
    }
  })
}

/**
 * Versions of the services that take messages for a group which were first seen in the window, after another version of
 * the same service; oldest first. What ran before versions were noted with their time is no deploy.
 */
export async function readDeploys(
  pool: pg.Pool,
  { group, services }: GroupTakers,
  { fromUs, toUs }: TelemetryWindow,
): Promise<readonly Deploy[]> {
  const found = await pool.query<{ service: string; version: string; at_us: string }>({
    name: 'telemetry-deploys',
    text: `with taker as (
             select distinct service from (
               select service from rollup
               where bucket_s >= $2 and bucket_s < $3 and received_count > 0 and ${OF_GROUP}
               limit ${MAX_ROLLUPS}) recent
           ), seen as (
             select service, service_version as version,
               min(coalesce(first_seen_at, ingest_day::timestamptz)) as first_at
             from span_origin join taker using (service)
             where service_version is not null and ingest_day >= current_date - 7
             group by 1, 2
           ), ordered as (
             select *, lag(version) over (partition by service order by first_at) as before from seen
           )
           select service, version, (extract(epoch from first_at) * 1000000)::bigint::text as at_us from ordered
           where before is not null and first_at >= to_timestamp($2) and first_at < to_timestamp($3)
           order by first_at limit ${MAX_DEPLOYS}`,
    values: [group, Math.floor(fromUs / US_PER_S), Math.ceil(toUs / US_PER_S), services],
  })
  return found.rows.map(({ service, version, at_us: atUs }) => ({ service, version, atUs: Number(atUs) }))
}
