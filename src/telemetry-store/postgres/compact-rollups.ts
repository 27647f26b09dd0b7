import type pg from 'pg'
import { addPairText } from '#domain/trace/duration-sketch.ts'
import { insertRollups, isEmptyRollup, type Rollup } from '#telemetry-store/postgres/insert-rollups.ts'
import { FINE_WIDTH_S, MAX_WIDTH_S, pairsOf, TOTAL_WIDTH_S } from '#telemetry-store/postgres/rollup-share.ts'
import { transact } from '#telemetry-store/postgres/transact.ts'

const DAY_S = 86_400
/** A bucket of ten seconds is written row after row, second after second, until its spans have come in. */
const SETTLED_AFTER_S = 120
/** Rows of one level that one transaction takes, unless a single bucket has more. */
const SLICE_ROWS = 10_000
const MAX_SLICES = 500

export interface CompactionOptions {
  readonly nowMs: number
  /** For how long the sums stay by ten seconds, and by five minutes at least; those that are older are by the hour. */
  readonly fineDays: number
  readonly coarseDays: number
  readonly signal?: AbortSignal
  readonly maxSlices?: number
  readonly sliceRows?: number
}

interface Stage {
  /** Rows of every lower level become rows of this one. */
  readonly level: number
  readonly widthS: number
  readonly afterS: number
}

interface MergedRow {
  readonly bucket_s: string
  readonly day: string
  readonly destination: string
  readonly consumer_group: string | null
  readonly service: string
  readonly from_service: string | null
  readonly sent: number
  readonly received: number
  readonly errors: number
  readonly rows: number
  readonly dwell: string | null
  readonly processing: string | null
}

/** Takes the rows of a slice, adds those that were never merged to the totals, and gives what they come to. */
const TAKE_SLICE = `
  with taken as (
    delete from rollup where level = any($1::smallint[]) and bucket_s >= $2 and bucket_s < $3 returning *
  ), totals as (
    insert into rollup_traffic (bucket_s, sent_count, received_count, error_count)
    select bucket_s / ${TOTAL_WIDTH_S} * ${TOTAL_WIDTH_S}, sum(sent_count), sum(received_count), sum(error_count)
    from taken where level = 0 group by 1 order by 1
    on conflict (bucket_s) do update set
      sent_count = rollup_traffic.sent_count + excluded.sent_count,
      received_count = rollup_traffic.received_count + excluded.received_count,
      error_count = rollup_traffic.error_count + excluded.error_count
  )
  select bucket_s / $4::bigint * $4::bigint as bucket_s, ingest_day::text as day, destination, consumer_group, service,
    from_service, sum(sent_count)::float8 as sent, sum(received_count)::float8 as received,
    sum(error_count)::float8 as errors, count(*)::int as rows, ${pairsOf('dwell')} as dwell,
    ${pairsOf('processing')} as processing
  from taken group by 1, ingest_day, destination, consumer_group, service, from_service`

/**
 * Merges the sums of traffic with age: the many rows of one bucket of ten seconds into one, these into buckets of five
 * minutes, these into hours. Counts are added, sketches merged, so that no sum over them changes. Slice by slice, the
 * oldest first, each taken and put back in one transaction: whoever is cut off leaves everything as it was, two at once
 * never take the same row, and rows that come late are merged when they are found. Gives the number of rows it took.
 */
export async function compactRollups(pool: pg.Pool, options: CompactionOptions): Promise<number> {
  const { nowMs, fineDays, coarseDays, signal, maxSlices = MAX_SLICES } = options
  const stages: readonly Stage[] = [
    { level: 1, widthS: FINE_WIDTH_S, afterS: SETTLED_AFTER_S },
    { level: 2, widthS: 300, afterS: fineDays * DAY_S },
    { level: 3, widthS: MAX_WIDTH_S, afterS: Math.max(fineDays, coarseDays) * DAY_S },
  ]
  let taken = 0
  // The longest first: what is old enough for it need not be merged twice.
  for (const stage of stages.toReversed()) {
    for (let slice = 0; slice < maxSlices && signal?.aborted !== true; slice += 1) {
      const count = await transact(pool, (client) =>
        compactSlice(client, stage, Math.floor(nowMs / 1000), options.sliceRows ?? SLICE_ROWS),
      )
      if (count === 0) break
      taken += count
    }
  }
  return taken
}

async function compactSlice(client: pg.ClientBase, stage: Stage, nowS: number, sliceRows: number): Promise<number> {
  const levels = Array.from({ length: stage.level }, (_, level) => level)
  const endS = Math.floor((nowS - stage.afterS) / stage.widthS) * stage.widthS
  const slice = await findSlice(client, { levels, widthS: stage.widthS, endS, sliceRows })
  if (slice === null) return 0
  const merged = await client.query<MergedRow>({
    name: 'telemetry-take-rollups',
    text: TAKE_SLICE,
    values: [levels, slice.fromS, slice.toS, stage.widthS],
  })
  for (const [day, rows] of Map.groupBy(merged.rows, (row) => row.day)) {
    const rollups = rows.map(toRollup).filter((rollup) => !isEmptyRollup(rollup))
    // The day of the partition stays, so that they are dropped when they would have been.
    await insertRollups(client, rollups, { day, widthS: stage.widthS, level: stage.level })
  }
  return merged.rows.reduce((sum, { rows }) => sum + rows, 0)
}

interface SliceQuestion {
  readonly levels: readonly number[]
  readonly widthS: number
  /** Exclusive. */
  readonly endS: number
  readonly sliceRows: number
}

/** The oldest whole buckets, as many as make a slice; parts of a bucket when it alone is more. null = nothing is due. */
async function findSlice(
  client: pg.ClientBase,
  { levels, widthS, endS, sliceRows }: SliceQuestion,
): Promise<{ readonly fromS: number; readonly toS: number } | null> {
  const found = await client.query<{ first: string | null; beyond: string | null }>({
    name: 'telemetry-find-rollup-slice',
    text: `select min(first.bucket_s) as first, min(beyond.bucket_s) as beyond
           from unnest($1::smallint[]) as wanted (level)
           left join lateral (
             select bucket_s from rollup where level = wanted.level and bucket_s < $2 order by bucket_s limit 1
           ) first on true
           left join lateral (
             select bucket_s from rollup where level = wanted.level and bucket_s < $2 order by bucket_s offset $3 limit 1
           ) beyond on true`,
    values: [levels, endS, sliceRows],
  })
  const [row] = found.rows
  if (row === undefined || row.first === null) return null
  const fromS = Number(row.first)
  if (row.beyond === null) return { fromS, toS: endS }
  const beyondS = Number(row.beyond)
  const wholeS = Math.floor(beyondS / widthS) * widthS
  return { fromS, toS: wholeS > fromS ? wholeS : Math.max(beyondS, fromS + 1) }
}

function toRollup(row: MergedRow): Rollup {
  const rollup: Rollup = {
    bucketS: Number(row.bucket_s),
    destination: row.destination,
    consumerGroup: row.consumer_group,
    service: row.service,
    fromService: row.from_service,
    sent: row.sent,
    received: row.received,
    errors: row.errors,
    dwell: new Map(),
    processing: new Map(),
  }
  addPairText(rollup.dwell, row.dwell)
  addPairText(rollup.processing, row.processing)
  return rollup
}
