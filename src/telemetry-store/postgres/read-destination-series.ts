import type pg from 'pg'
import { addPairs, type DurationSketch, quantileUs } from '#domain/trace/duration-sketch.ts'
import { Failure } from '#domain/failure.ts'
import type { DestinationBucket, SeriesQuery } from '#telemetry-store/telemetry-store.ts'

const MAX_ROWS = 500_000

interface RollupRow {
  readonly bucket_s: string
  readonly destination: string
  readonly sent_count: number
  readonly received_count: number
  readonly error_count: number
  readonly dwell: readonly number[]
  readonly processing: readonly number[]
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
 * What happened on destinations, in steps, oldest first; steps in which nothing happened are left out.
 * @throws Failure `limit` when the window holds too much for one answer.
 */
export async function readDestinationSeries(pool: pg.Pool, query: SeriesQuery): Promise<readonly DestinationBucket[]> {
  const found = await pool.query<RollupRow>({
    name: 'telemetry-series',
    text: `select bucket_s, destination, sent_count, received_count, error_count, dwell, processing from rollup
           where bucket_s >= $1 and bucket_s < $2 and ($3::text is null or destination = $3) limit ${MAX_ROWS + 1}`,
    values: [Math.floor(query.fromUs / 1_000_000), Math.ceil(query.toUs / 1_000_000), query.destination],
  })
  if (found.rows.length > MAX_ROWS) throw new Failure('limit', 'the window holds too many rollups; ask for less time')
  const step = Math.max(10, Math.floor(query.stepSeconds))
  const sums = new Map<string, Sum>()
  for (const row of found.rows) addRow(sums, row, step, query.isMerged ? '' : row.destination)
  return [...sums.values()].toSorted((left, right) => left.atS - right.atS).map(toBucket)
}

function addRow(sums: Map<string, Sum>, row: RollupRow, step: number, destination: string): void {
  const atS = Math.floor(Number(row.bucket_s) / step) * step
  const id = `${atS} ${destination}`
  let sum = sums.get(id)
  if (sum === undefined) {
    sum = {
      atS,
      destination,
      sent: 0,
      received: 0,
      errors: 0,
      dwell: new Map(),
      processing: new Map(),
    }
    sums.set(id, sum)
  }
  sum.sent += row.sent_count
  sum.received += row.received_count
  sum.errors += row.error_count
  addPairs(sum.dwell, row.dwell)
  addPairs(sum.processing, row.processing)
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
