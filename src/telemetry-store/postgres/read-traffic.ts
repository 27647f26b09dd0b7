import type pg from 'pg'
import type { TelemetryWindow, TrafficStep } from '#telemetry-store/telemetry-store.ts'

interface StepRow {
  readonly at_s: string
  readonly sent: string
  readonly received: string
  readonly errors: string
}

/** Counts over all destinations by the step, added up by the database: a day is as cheap to carry as a minute. */
export async function readTraffic(
  pool: pg.Pool,
  window: TelemetryWindow,
  stepSeconds: number,
): Promise<readonly TrafficStep[]> {
  const found = await pool.query<StepRow>({
    name: 'telemetry-traffic',
    text: `select bucket_s / $3::bigint * $3::bigint as at_s, sum(sent_count) as sent, sum(received_count) as received,
             sum(error_count) as errors
           from rollup where bucket_s >= $1 and bucket_s < $2 group by 1 order by 1`,
    values: [
      Math.ceil(window.fromUs / 1_000_000),
      Math.ceil(window.toUs / 1_000_000),
      Math.max(10, Math.floor(stepSeconds)),
    ],
  })
  return found.rows.map((row) => ({
    atUs: Number(row.at_s) * 1_000_000,
    sentCount: Number(row.sent),
    receivedCount: Number(row.received),
    errorCount: Number(row.errors),
  }))
}
