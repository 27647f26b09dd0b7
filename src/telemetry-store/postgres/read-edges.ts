import type pg from 'pg'
import { Failure } from '#domain/failure.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import { addPairs } from '#domain/trace/duration-sketch.ts'
import type { TelemetryWindow } from '#telemetry-store/telemetry-store.ts'

const MAX_ROWS = 300_000

interface RollupRow {
  readonly service: string
  readonly destination: string
  readonly consumer_group: string | null
  readonly sent_count: number
  readonly received_count: number
  readonly error_count: number
  readonly dwell: readonly number[]
  readonly processing: readonly number[]
}

type OpenEdge = { -readonly [Key in keyof ServiceEdge]: ServiceEdge[Key] }

/**
 * Merges the rollups of a window by service, destination and group; spans are not looked at.
 * @throws Failure `limit` when the window holds too much for one answer.
 */
export async function readEdges(pool: pg.Pool, window: TelemetryWindow): Promise<readonly ServiceEdge[]> {
  const found = await pool.query<RollupRow>({
    name: 'telemetry-edges',
    text: `select service, destination, consumer_group, sent_count, received_count, error_count, dwell, processing
           from rollup where bucket_s >= $1 and bucket_s < $2 limit ${MAX_ROWS + 1}`,
    values: [Math.ceil(window.fromUs / 1_000_000), Math.ceil(window.toUs / 1_000_000)],
  })
  if (found.rows.length > MAX_ROWS) throw new Failure('limit', 'the window holds too many rollups; ask for less time')
  const edges = new Map<string, OpenEdge>()
  for (const row of found.rows) {
    const edge = edgeOf(edges, row)
    edge.sentCount += row.sent_count
    edge.receivedCount += row.received_count
    edge.errorCount += row.error_count
    addPairs(edge.dwell, row.dwell)
    addPairs(edge.processing, row.processing)
  }
  return [...edges.values()]
}

function edgeOf(edges: Map<string, OpenEdge>, row: RollupRow): OpenEdge {
  const { service, destination, consumer_group: consumerGroup } = row
  const key = JSON.stringify([service, destination, consumerGroup])
  const known = edges.get(key)
  if (known !== undefined) return known
  const counts = { sentCount: 0, receivedCount: 0, errorCount: 0 }
  const made: OpenEdge = { service, destination, consumerGroup, ...counts, dwell: new Map(), processing: new Map() }
  edges.set(key, made)
  return made
}
