import type pg from 'pg'
import { FINE_WIDTH_S, REACHING_IN, TOTAL_WIDTH_S } from '#telemetry-store/postgres/rollup-share.ts'
import type { TelemetryWindow, TrafficStep } from '#telemetry-store/telemetry-store.ts'

interface StepRow {
  readonly at_s: string
  readonly sent: string
  readonly received: string
  readonly errors: string
}

const COUNTS = 'sum(sent_count) as sent, sum(received_count) as received, sum(error_count) as errors'

/** Totals by ten minutes of what was merged before, and what has not been. */
const FROM_TOTALS = `
  select bucket_s, ${TOTAL_WIDTH_S} as width_s, sent_count as sent, received_count as received, error_count as errors
  from rollup_traffic where bucket_s > $1::bigint - ${TOTAL_WIDTH_S} and bucket_s < $2::bigint
  union all
  select bucket_s, width_s, ${COUNTS} from rollup where level = 0 and ${REACHING_IN} group by 1, 2`
const FROM_ROLLUPS = `select bucket_s, width_s, ${COUNTS} from rollup where ${REACHING_IN} group by 1, 2`

const spreadOver = (reaching: string): string => `
  with reaching as (${reaching}), spread as (
    select at_s, sent, received, errors,
      case when width_s <= ${FINE_WIDTH_S} then 1 else
        (least(bucket_s + width_s, at_s + $3::bigint, $2) - greatest(bucket_s, at_s, $1))::float8 / width_s end as share
    from reaching cross join lateral generate_series(
      greatest(bucket_s, $1) / $3::bigint * $3::bigint,
      case when width_s <= ${FINE_WIDTH_S} then bucket_s else least(bucket_s + width_s, $2) - 1 end,
      $3::bigint) as at_s
  )
  select at_s, sum(sent * share) as sent, sum(received * share) as received, sum(errors * share) as errors
  from spread group by at_s order by at_s`

/**
 * Counts over all destinations by the step, added up by the database: a year is as cheap as a minute when the step is of
 * whole ten minutes. What is known by longer buckets than the step is spread over its steps.
 */
export async function readTraffic(
  pool: pg.Pool,
  window: TelemetryWindow,
  stepSeconds: number,
): Promise<readonly TrafficStep[]> {
  const stepS = Math.max(FINE_WIDTH_S, Math.floor(stepSeconds))
  const isByTotals = stepS % TOTAL_WIDTH_S === 0
  const found = await pool.query<StepRow>({
    name: isByTotals ? 'telemetry-traffic-totals' : 'telemetry-traffic',
    text: spreadOver(isByTotals ? FROM_TOTALS : FROM_ROLLUPS),
    values: [Math.ceil(window.fromUs / 1_000_000), Math.ceil(window.toUs / 1_000_000), stepS],
  })
  return found.rows.map((row) => ({
    atUs: Number(row.at_s) * 1_000_000,
    sentCount: Number(row.sent),
    receivedCount: Number(row.received),
    errorCount: Number(row.errors),
  }))
}
