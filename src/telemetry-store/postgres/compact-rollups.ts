import type pg from 'pg'
import { addPairs } from '#domain/trace/duration-sketch.ts'
import { insertRollups, isEmptyRollup, type Rollup } from '#telemetry-store/postgres/insert-rollups.ts'
import { FINE_WIDTH_S, MAX_WIDTH_S } from '#telemetry-store/postgres/rollup-share.ts'
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

interface RollupRow {
  readonly bucket_s: string
  readonly day: string
  readonly destination: string
  readonly consumer_group: string | null
  readonly service: string
  readonly from_service: string | null
  readonly sent_count: number
  readonly received_count: number
  readonly error_count: number
  readonly dwell: readonly number[]
  readonly processing: readonly number[]
}

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
  const taken = await client.query<RollupRow>({
    name: 'telemetry-take-rollups',
    text: `delete from rollup where level = any($1::smallint[]) and bucket_s >= $2 and bucket_s < $3
           returning bucket_s, ingest_day::text as day, destination, consumer_group, service, from_service, sent_count,
             received_count, error_count, dwell, processing`,
    values: [levels, slice.fromS, slice.toS],
  })
  for (const [day, rollups] of mergeRows(taken.rows, stage.widthS))
    await insertRollups(client, rollups, { day, widthS: stage.widthS, level: stage.level })
  return taken.rows.length
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

/** By the day of their partition, so that they are dropped when they would have been. */
function mergeRows(rows: readonly RollupRow[], widthS: number): ReadonlyMap<string, readonly Rollup[]> {
  const merged = new Map<string, Rollup>()
  const byDay = new Map<string, Rollup[]>()
  for (const row of rows) {
    const { destination, consumer_group: consumerGroup, service, from_service: fromService } = row
    const bucketS = Math.floor(Number(row.bucket_s) / widthS) * widthS
    const key = JSON.stringify([row.day, bucketS, destination, consumerGroup, service, fromService])
    let rollup = merged.get(key)
    if (rollup === undefined) {
      const empty = { sent: 0, received: 0, errors: 0, dwell: new Map(), processing: new Map() }
      rollup = { bucketS, destination, consumerGroup, service, fromService, ...empty }
      merged.set(key, rollup)
      const ofDay = byDay.get(row.day)
      if (ofDay === undefined) byDay.set(row.day, [rollup])
      else ofDay.push(rollup)
    }
    rollup.sent += row.sent_count
    rollup.received += row.received_count
    rollup.errors += row.error_count
    addPairs(rollup.dwell, row.dwell)
    addPairs(rollup.processing, row.processing)
  }
  return new Map([...byDay].map(([day, rollups]) => [day, rollups.filter((rollup) => !isEmptyRollup(rollup))]))
}
