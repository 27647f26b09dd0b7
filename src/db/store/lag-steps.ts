import { type SQL, sql } from 'drizzle-orm'

export interface LagSeriesQuery {
  readonly clusterId: string
  readonly group: string
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** Samples are written when something changed, and at least every minute: so long a sample speaks for its lane. */
const HOLD_MS = 90_000

/**
 * The common tables `lane_step` (the last sample of each lane and step) and `held` (the same with `next_step`, the step
 * up to which, exclusive, that sample speaks). A lane that was not read for 90 s ends: a gap, not a guess.
 */
export function heldLagSteps({ clusterId, group, fromMs, toMs, stepMs }: LagSeriesQuery): SQL {
  const step = sql`${stepMs}::float8`
  return sql`lane_step as (
      select destination, lane, floor(extract(epoch from at) * 1000 / ${step})::bigint as step,
             (array_agg(committed order by at desc))[1] as committed,
             (array_agg(end_position order by at desc))[1] as end_position,
             (array_agg(start_position order by at desc))[1] as start_position
      from lag_sample
      where cluster_id = ${clusterId} and group_name = ${group}
        and at >= to_timestamp(${fromMs - HOLD_MS}::float8 / 1000) and at < to_timestamp(${toMs}::float8 / 1000)
      group by 1, 2, 3
    ), held as (
      select *, least(
        coalesce(lead(step) over (partition by destination, lane order by step), 9007199254740991),
        step + greatest(1, ceil(${HOLD_MS} / ${step})::bigint),
        floor(${toMs}::float8 / ${step})::bigint + 1
      ) as next_step
      from lane_step
    )`
}
