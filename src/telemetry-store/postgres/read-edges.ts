import type pg from 'pg'
import { Failure } from '#domain/failure.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import { addPairText } from '#domain/trace/duration-sketch.ts'
import { FINE_WIDTH_S, pairsOf, REACHING_IN, shareWithin } from '#telemetry-store/postgres/rollup-share.ts'
import type { SeenEdges, TelemetryWindow } from '#telemetry-store/telemetry-store.ts'

const MAX_ROWS = 1_000_000

interface EdgeRow {
  readonly bucket_s: string
  readonly width_s: number
  readonly service: string
  readonly from_service: string | null
  readonly destination: string
  readonly consumer_group: string | null
  readonly sent: number
  readonly received: number
  readonly errors: number
  readonly rows: number
  readonly dwell: string | null
  readonly processing: string | null
}

type OpenEdge = { -readonly [Key in keyof ServiceEdge]: ServiceEdge[Key] }

/**
 * Merges the rollups of a window by producer, destination, group and service; spans are not looked at. Counts are whole
 * numbers while the rows are of ten seconds; of a longer bucket at the border of the window a share is counted.
 * @throws Failure `limit` when the window holds too much for one answer.
 */
export async function readEdges(pool: pg.Pool, window: TelemetryWindow): Promise<SeenEdges> {
  const fromS = Math.ceil(window.fromUs / 1_000_000)
  const toS = Math.ceil(window.toUs / 1_000_000)
  // All rows of ten seconds count whole: only the longer ones need to be told apart by where they lie.
  const found = await pool.query<EdgeRow>({
    name: 'telemetry-edges',
    text: `select case when width_s <= ${FINE_WIDTH_S} then $1::bigint else bucket_s end as bucket_s, width_s, service,
             from_service, destination, consumer_group, sum(sent_count)::float8 as sent,
             sum(received_count)::float8 as received, sum(error_count)::float8 as errors, count(*)::int as rows,
             ${pairsOf('dwell')} as dwell, ${pairsOf('processing')} as processing
           from (select * from rollup where ${REACHING_IN} limit ${MAX_ROWS + 1}) reaching
           group by 1, width_s, service, from_service, destination, consumer_group`,
    values: [fromS, toS],
  })
  const rowCount = found.rows.reduce((sum, { rows }) => sum + rows, 0)
  if (rowCount > MAX_ROWS) throw new Failure('limit', 'the window holds too many rollups; ask for less time')
  const edges = new Map<string, OpenEdge>()
  let widthS = FINE_WIDTH_S
  for (const row of found.rows) {
    const share = shareWithin(Number(row.bucket_s), row.width_s, fromS, toS)
    if (share === 0) continue
    addRow(edgeOf(edges, row), row, share)
    widthS = Math.max(widthS, row.width_s)
  }
  return { edges: [...edges.values()].filter(hasTraffic), bucketMs: widthS * 1000 }
}

function addRow(edge: OpenEdge, row: EdgeRow, share: number): void {
  edge.sentCount += row.sent * share
  edge.receivedCount += row.received * share
  edge.errorCount += row.errors * share
  addPairText(edge.dwell, row.dwell, share)
  addPairText(edge.processing, row.processing, share)
}

/** Receipts that moved to their producer leave nothing behind. */
const hasTraffic = (edge: ServiceEdge): boolean =>
  edge.sentCount !== 0 ||
  edge.receivedCount !== 0 ||
  edge.errorCount !== 0 ||
  edge.dwell.size > 0 ||
  edge.processing.size > 0

function edgeOf(edges: Map<string, OpenEdge>, row: EdgeRow): OpenEdge {
  const { service, from_service: fromService, destination, consumer_group: consumerGroup } = row
  const key = JSON.stringify([service, fromService, destination, consumerGroup])
  const known = edges.get(key)
  if (known !== undefined) return known
  const counts = { sentCount: 0, receivedCount: 0, errorCount: 0 }
  const names = { service, fromService, destination, consumerGroup }
  const made: OpenEdge = { ...names, ...counts, dwell: new Map(), processing: new Map() }
  edges.set(key, made)
  return made
}
