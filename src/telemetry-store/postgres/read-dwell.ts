import type pg from 'pg'
import type { SeenReceiver } from '#domain/flow/destination-reader.ts'
import { addPairText, type DurationSketch } from '#domain/trace/duration-sketch.ts'
import { pairsOf } from '#telemetry-store/postgres/rollup-share.ts'

const MAX_ROLLUPS = 500_000

export interface ReceiverDwell extends SeenReceiver {
  readonly dwell: DurationSketch
}

/** How long messages waited in a window, by destination and who took them; the newest 500,000 sums when there are more. */
export async function readDwellByReceiver(
  pool: pg.Pool,
  fromUs: number,
  toUs: number,
): Promise<readonly ReceiverDwell[]> {
  const found = await pool.query<{
    destination: string
    service: string
    consumer_group: string | null
    dwell: string | null
  }>({
    name: 'telemetry-dwell-by-receiver',
    text: `select destination, service, consumer_group, ${pairsOf('dwell')} as dwell
           from (select destination, service, consumer_group, dwell from rollup
                 where bucket_s >= $1 and bucket_s < $2 and dwell <> '{}'
                 order by bucket_s desc limit ${MAX_ROLLUPS}) recent
           group by destination, service, consumer_group`,
    values: [Math.floor(fromUs / 1_000_000), Math.floor(toUs / 1_000_000)],
  })
  return found.rows.map(({ destination, service, consumer_group: consumerGroup, dwell: pairs }) => {
    const dwell: DurationSketch = new Map()
    addPairText(dwell, pairs)
    return { destination, service, consumerGroup, dwell }
  })
}

/** Destinations to which something was sent since then; at most 1,000. */
export async function readSentDestinations(pool: pg.Pool, fromUs: number): Promise<readonly string[]> {
  const found = await pool.query<{ destination: string }>({
    name: 'telemetry-sent-destinations',
    text: `select distinct destination from (
             select destination from rollup where bucket_s >= $1 and sent_count > 0 limit ${MAX_ROLLUPS}
           ) recent limit 1000`,
    values: [Math.floor(fromUs / 1_000_000)],
  })
  return found.rows.map(({ destination }) => destination)
}
