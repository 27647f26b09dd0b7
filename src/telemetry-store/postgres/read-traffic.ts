import type pg from 'pg'
import { FINE_WIDTH_S, REACHING_IN } from '#telemetry-store/postgres/rollup-share.ts'
import type { TelemetryWindow, TrafficStep } from '#telemetry-store/telemetry-store.ts'

interface StepRow {
  readonly at_s: string
  readonly sent: string
  readonly received: string
  readonly errors: string
}

/**
 * Counts over all destinations by the step, added up by the database: a day is as cheap to carry as a minute. What is
 * known by longer buckets than the step is spread over its steps.
 */
export async function readTraffic(
  pool: pg.Pool,
  window: TelemetryWindow,
  stepSeconds: number,
): Promise<readonly TrafficStep[]> {
  const found = await pool.query<StepRow>({
    name: 'telemetry-traffic',
    text: `with reaching as (
             select bucket_s, width_s, sum(sent_count) as sent, sum(received_count) as received, sum(error_count) as errors
             from rollup where ${REACHING_IN} group by 1, 2
           ), spread as (
             select at_s, sent, received, errors,
               case when width_s <= ${FINE_WIDTH_S} then 1 else
                 (least(bucket_s + width_s, at_s + $3::bigint, $2) - greatest(bucket_s, at_s, $1))::float8 / width_s end as share
             from reaching cross join lateral generate_series(
               greatest(bucket_s, $1) / $3::bigint * $3::bigint,
               case when width_s <= ${FINE_WIDTH_S} then bucket_s else least(bucket_s + width_s, $2) - 1 end,
               $3::bigint) as at_s
           )
           select at_s, sum(sent * share) as sent, sum(received * share) as received, sum(errors * share) as errors
           from spread group by at_s order by at_s`,
    values: [
      Math.ceil(window.fromUs / 1_000_000),
      Math.ceil(window.toUs / 1_000_000),
      Math.max(FINE_WIDTH_S, Math.floor(stepSeconds)),
    ],
  })
  return found.rows.map((row) => ({
    atUs: Number(row.at_s) * 1_000_000,
    sentCount: Number(row.sent),
    receivedCount: Number(row.received),
    errorCount: Number(row.errors),
  }))
}
