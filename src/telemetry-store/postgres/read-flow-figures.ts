import type pg from 'pg'
import { IS_OWN_ROW } from '#telemetry-store/postgres/flow-conditions.ts'
import type { FlowFigures } from '#telemetry-store/telemetry-store.ts'

/** Quantiles of this many flows are as good as those of all. */
const MAX_MEASURED = 50_000

interface FigureRow {
  readonly count: string
  readonly p50: string | null
  readonly p95: string | null
}

/** Counts the flows that began in a window; durations are those of the newest {@link MAX_MEASURED} of them. */
export async function readFlowFigures(pool: pg.Pool, fromUs: number, toUs: number): Promise<FlowFigures> {
  const found = await pool.query<FigureRow>({
    name: 'telemetry-flow-figures',
    text: `select (select count(*) from flow f where f.started_us >= $1 and f.started_us < $2 and ${IS_OWN_ROW}) as count,
             percentile_disc(0.5) within group (order by duration_us) as p50,
             percentile_disc(0.95) within group (order by duration_us) as p95
           from (select f.ended_us - f.started_us as duration_us from flow f
                 where f.started_us >= $1 and f.started_us < $2 and ${IS_OWN_ROW}
                 order by f.started_us desc limit ${MAX_MEASURED}) newest`,
    values: [fromUs, toUs],
  })
  const [row] = found.rows
  return {
    flowCount: Number(row?.count ?? 0),
    durationP50Us: durationOf(row?.p50),
    durationP95Us: durationOf(row?.p95),
  }
}

const durationOf = (text: string | null | undefined): number | null => (typeof text === 'string' ? Number(text) : null)
