import type pg from 'pg'
import { type DurationSketch, sketchToPairs } from '#domain/trace/duration-sketch.ts'

/** What happened in one bucket between a producer, a destination and a consumer. Counts may be negative: rows add up. */
export interface Rollup {
  readonly bucketS: number
  readonly destination: string
  readonly consumerGroup: string | null
  /** Who sent or received. */
  readonly service: string
  /** Who produced what was received; null where that is not known, and of what was sent. */
  readonly fromService: string | null
  sent: number
  received: number
  errors: number
  readonly dwell: DurationSketch
  readonly processing: DurationSketch
}

export interface RollupPlace {
  /** The partition, as `2026-11-21`. */
  readonly day: string
  readonly widthS: number
  /** How often the rows were merged: 0 = as first written. */
  readonly level: number
}

export const isEmptyRollup = ({ sent, received, errors, dwell, processing }: Rollup): boolean =>
  sent === 0 && received === 0 && errors === 0 && dwell.size === 0 && processing.size === 0

const pairsOf = (sketch: DurationSketch): string => `{${sketchToPairs(sketch).join(',')}}`

/** Adds rows in one statement. */
export async function insertRollups(
  client: Pick<pg.Pool, 'query'>,
  rollups: readonly Rollup[],
  { day, widthS, level }: RollupPlace,
): Promise<void> {
  if (rollups.length === 0) return
  await client.query(
    `insert into rollup (bucket_s, destination, consumer_group, service, from_service, sent_count, received_count,
       error_count, dwell, processing, ingest_day, width_s, level)
     select bucket_s, destination, consumer_group, service, from_service, sent, received, errors, dwell::int[],
       processing::int[], $11::date, $12::int, $13::smallint
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[],
       $9::text[], $10::text[])
       as new (bucket_s, destination, consumer_group, service, from_service, sent, received, errors, dwell, processing)`,
    [
      rollups.map((rollup) => rollup.bucketS),
      rollups.map((rollup) => rollup.destination),
      rollups.map((rollup) => rollup.consumerGroup),
      rollups.map((rollup) => rollup.service),
      rollups.map((rollup) => rollup.fromService),
      rollups.map((rollup) => rollup.sent),
      rollups.map((rollup) => rollup.received),
      rollups.map((rollup) => rollup.errors),
      rollups.map((rollup) => pairsOf(rollup.dwell)),
      rollups.map((rollup) => pairsOf(rollup.processing)),
      day,
      widthS,
      level,
    ],
  )
}
