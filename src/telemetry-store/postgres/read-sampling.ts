import type pg from 'pg'
import type { SamplingFigures } from '#telemetry-store/telemetry-store.ts'

const MAX_DESTINATIONS = 50
/** Of a flow; an id on more traces than this is no one event's. */
const MAX_TRACES = 1_000

interface CountRow {
  readonly destination: string
  readonly received: string
  readonly kept: string
  readonly dropped: string
}

/** What sampling kept and dropped of the spans received since then, by whole hours; most dropped first. */
export async function readSampling(pool: pg.Pool, fromUs: number): Promise<SamplingFigures> {
  const found = await pool.query<CountRow>({
    name: 'telemetry-sampling',
    text: `select destination, sum(received_count) as received, sum(kept_count) as kept, sum(dropped_count) as dropped
           from sampling_count where hour_s >= $1 group by destination order by sum(dropped_count) desc, destination`,
    values: [Math.floor(fromUs / 3_600_000_000) * 3_600],
  })
  const rows = found.rows.map((row) => ({
    destination: row.destination === '' ? null : row.destination,
    receivedCount: Number(row.received),
    keptCount: Number(row.kept),
    droppedCount: Number(row.dropped),
  }))
  const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + pick(row), 0)
  return {
    receivedCount: sum((row) => row.receivedCount),
    keptCount: sum((row) => row.keptCount),
    droppedCount: sum((row) => row.droppedCount),
    destinations: rows.filter((row) => row.droppedCount > 0).slice(0, MAX_DESTINATIONS),
  }
}

/** How many spans of a flow were dropped before something spoke for it; of its traces, those that it holds alone too. */
export async function countDropped(pool: pg.Pool, flowKey: string): Promise<number> {
  const found = await pool.query<{ count: string | null }>({
    name: 'telemetry-count-dropped',
    text: `select sum(span_count) as count from sampling_drop where unit in (
             select 'k' || $1::text union select 't' || $1::text
             union select 't' || replace(m.trace_id::text, '-', '') from (
               select trace_id from flow_member where flow_key = $1::text limit ${MAX_TRACES}) m)`,
    values: [flowKey],
  })
  return Number(found.rows[0]?.count ?? 0)
}
