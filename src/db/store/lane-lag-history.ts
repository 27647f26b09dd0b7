import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { heldLagSteps, type LagSeriesQuery } from '#db/store/lag-steps.ts'

/** A chart with more lines than this tells nothing more. */
const MAX_LANES = 100

/** The lag of one lane at the instants of its history; null where it was not read or has no commit. */
export interface LaneLagLine {
  readonly destination: string
  readonly lane: string
  readonly lagMessages: readonly (number | null)[]
}

export interface LaneLagHistory {
  /** The instants that all lines share, in order. */
  readonly atMs: readonly number[]
  /** The lanes that ever lagged most in the window, worst first. */
  readonly lines: readonly LaneLagLine[]
  /** Lanes with samples in the window that stand in no line. */
  readonly leftOutCount: number
}

interface LaneRow {
  readonly destination: string
  readonly lane: string
  readonly steps: readonly number[]
  readonly lags: readonly (number | null)[]
  readonly laneCount: number
}

/** Each lane's lag per step: hot lanes stand out. At most a hundred lanes, those with the highest peaks. */
export async function readLaneLagHistory(database: Database, query: LagSeriesQuery): Promise<LaneLagHistory> {
  const { fromMs, toMs, stepMs } = query
  const { rows } = await database.execute<Row<LaneRow>>(sql`
    with ${heldLagSteps(query)}, lane_line as (
      select destination, lane,
             array_agg(s::float8 order by s) as steps,
             array_agg(lag order by s) as lags, max(lag) as peak
      from held cross join lateral (
        select case when committed is not null then (end_position - greatest(committed, start_position))::float8 end as lag
      ) as owed cross join lateral generate_series(step, next_step - 1) as s
      where s * ${stepMs}::float8 >= ${fromMs}::float8
      group by 1, 2
    )
    select destination, lane, steps, lags, (count(*) over ())::int as "laneCount"
    from lane_line order by peak desc nulls last, destination, lane limit ${MAX_LANES}`)
  const firstStep = Math.ceil(fromMs / stepMs)
  const stepCount = Math.floor(toMs / stepMs) - firstStep + 1
  return {
    atMs: Array.from({ length: stepCount }, (_, index) => (firstStep + index) * stepMs),
    lines: rows.map((row) => ({
      destination: row.destination,
      lane: row.lane,
      lagMessages: spread(row, firstStep, stepCount),
    })),
    leftOutCount: (rows[0]?.laneCount ?? 0) - rows.length,
  }
}

function spread({ steps, lags }: LaneRow, firstStep: number, stepCount: number): (number | null)[] {
  const line = Array.from<number | null>({ length: stepCount }).fill(null)
  for (const [index, step] of steps.entries()) line[step - firstStep] = lags[index] ?? null
  return line
}
