import type pg from 'pg'
import { addPairText, type DurationSketch, quantileUs } from '#domain/trace/duration-sketch.ts'
import { Failure } from '#domain/failure.ts'
import { FINE_WIDTH_S, pairsOf, REACHING_IN, shareWithin } from '#telemetry-store/postgres/rollup-share.ts'
import type { DestinationBucket, SeriesQuery } from '#telemetry-store/telemetry-store.ts'

const MAX_ROWS = 1_000_000

interface SeriesRow {
  readonly bucket_s: string
  readonly width_s: number
  readonly destination: string
  readonly sent: number
  readonly received: number
  readonly errors: number
  readonly rows: number
  readonly dwell: string | null
  readonly processing: string | null
}

interface Sum {
  readonly atS: number
  readonly destination: string
  sent: number
  received: number
  errors: number
  readonly dwell: DurationSketch
  readonly processing: DurationSketch
}

/**
 * What happened on destinations, in steps, oldest first; steps in which nothing happened are left out. What is known by
 * longer buckets than the step is spread over its steps, in shares that need not be whole numbers.
 * @throws Failure `limit` when the window holds too much for one answer.
 */
export async function readDestinationSeries(pool: pg.Pool, query: SeriesQuery): Promise<readonly DestinationBucket[]> {
  const fromS = Math.floor(query.fromUs / 1_000_000)
  const toS = Math.ceil(query.toUs / 1_000_000)
  const found = await pool.query<SeriesRow>({
    name: 'telemetry-series',
    text: `select bucket_s, width_s, case when $4 then '' else destination end as destination,
             sum(sent_count)::float8 as sent, sum(received_count)::float8 as received, sum(error_count)::float8 as errors,
             count(*)::int as rows, ${pairsOf('dwell')} as dwell, ${pairsOf('processing')} as processing
           from (select * from rollup where ${REACHING_IN} and ($3::text is null or destination = $3)
                 limit ${MAX_ROWS + 1}) reaching
           group by 1, 2, 3`,
    values: [fromS, toS, query.destination, query.isMerged],
  })
  const rowCount = found.rows.reduce((sum, { rows }) => sum + rows, 0)
  if (rowCount > MAX_ROWS) throw new Failure('limit', 'the window holds too many rollups; ask for less time')
  const step = Math.max(FINE_WIDTH_S, Math.floor(query.stepSeconds))
  const sums = new Map<string, Sum>()
  for (const row of found.rows) {
    const bucketS = Number(row.bucket_s)
    const { destination } = row
    const lastS = row.width_s <= FINE_WIDTH_S ? bucketS : Math.min(toS, bucketS + row.width_s) - 1
    for (let atS = Math.floor(Math.max(fromS, bucketS) / step) * step; atS <= lastS; atS += step)
      addRow(
        sums,
        row,
        { atS, destination },
        shareWithin(bucketS, row.width_s, Math.max(fromS, atS), Math.min(toS, atS + step)),
      )
  }
  return [...sums.values()].toSorted((left, right) => left.atS - right.atS).map(toBucket)
}

function addRow(
  sums: Map<string, Sum>,
  row: SeriesRow,
  { atS, destination }: Pick<Sum, 'atS' | 'destination'>,
  share: number,
): void {
  const id = `${atS} ${destination}`
  let sum = sums.get(id)
  if (sum === undefined) {
    sum = { atS, destination, sent: 0, received: 0, errors: 0, dwell: new Map(), processing: new Map() }
    sums.set(id, sum)
  }
  sum.sent += row.sent * share
  sum.received += row.received * share
  sum.errors += row.errors * share
  addPairText(sum.dwell, row.dwell, share)
  addPairText(sum.processing, row.processing, share)
}

const toBucket = (sum: Sum): DestinationBucket => ({
  atUs: sum.atS * 1_000_000,
  destination: sum.destination,
  sentCount: sum.sent,
  receivedCount: sum.received,
  errorCount: sum.errors,
  dwellP50Us: quantileUs(sum.dwell, 0.5),
  dwellP95Us: quantileUs(sum.dwell, 0.95),
  processingP50Us: quantileUs(sum.processing, 0.5),
  processingP95Us: quantileUs(sum.processing, 0.95),
})
