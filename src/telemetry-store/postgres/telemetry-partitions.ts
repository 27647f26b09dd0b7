import type pg from 'pg'
import { dayNumber, dayText } from '#telemetry-store/postgres/copy-row.ts'
import { transact } from '#telemetry-store/postgres/transact.ts'

/** Every table that is partitioned by ingest day, with what its partitions are made with. */
const PARTITIONED = {
  span: '',
  span_link: '',
  span_origin: '',
  attribute_key_set: '',
  message_event: '',
  // Rows that are merged batch after batch: room on the page keeps the updates off the indexes.
  flow: 'with (fillfactor = 85)',
  flow_member: 'with (fillfactor = 95)',
  flow_alias: '',
  record_id: '',
  sampling_drop: '',
  flow_mark: '',
  rollup: '',
} as const satisfies Record<string, string>

/** Any number, the same in all collectors: it makes them take turns. */
const PARTITION_LOCK = 7_283_401

const partitionName = (table: string, day: number): string => `${table}_${dayText(day).replaceAll('-', '')}`

/** Makes sure that rows of this day and of the next `daysAhead` have a place. Cheap when they have. */
export async function ensurePartitions(pool: pg.Pool, nowMs: number, daysAhead = 2): Promise<void> {
  const today = dayNumber(nowMs)
  const days = Array.from({ length: daysAhead + 2 }, (_, index) => today - 1 + index)
  const wanted = days.flatMap((day) => Object.keys(PARTITIONED).map((table) => partitionName(table, day)))
  const found = await pool.query<{ relname: string }>('select relname from pg_class where relname = any($1)', [wanted])
  if (found.rows.length === wanted.length) return
  await transact(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK])
    for (const day of days) await client.query(createStatements(day))
  })
}

function createStatements(day: number): string {
  return Object.entries(PARTITIONED)
    .map(
      ([table, options]) =>
        `create table if not exists ${partitionName(table, day)} partition of ${table}
         for values from ('${dayText(day)}') to ('${dayText(day + 1)}') ${options};`,
    )
    .join('\n')
}

/** How long the digests of committed requests are kept: far longer than any exporter goes on retrying. */
const DIGEST_HOURS = 6

export interface RetentionOptions {
  readonly spanDays: number
  /** Rollups are small and are kept for longer. */
  readonly rollupDays: number
  readonly nowMs: number
}

/**
 * Keeps the telemetry tables in order: partitions for the coming days exist, those past their retention are dropped
 * (without reading them), digests of old requests are forgotten. Gives the names of the tables it dropped.
 */
export async function retainTelemetry(pool: pg.Pool, options: RetentionOptions): Promise<readonly string[]> {
  await ensurePartitions(pool, options.nowMs)
  const found = await pool.query<{ parent: string; child: string }>(
    `select parent.relname as parent, child.relname as child
     from pg_inherits join pg_class parent on parent.oid = inhparent join pg_class child on child.oid = inhrelid
     where parent.relname = any($1) and parent.relkind = 'p'`,
    [Object.keys(PARTITIONED)],
  )
  const today = dayNumber(options.nowMs)
  const expired = found.rows.filter(({ parent, child }) => {
    const days = parent === 'rollup' ? options.rollupDays : options.spanDays
    return child < partitionName(parent, today - days)
  })
  for (const { child } of expired) await pool.query(`drop table if exists "${child}"`)
  await pool.query(`delete from telemetry_request where committed_at < now() - interval '${DIGEST_HOURS} hours'`)
  await pool.query('delete from rollup_traffic where bucket_s < $1', [
    Math.floor(options.nowMs / 1000) - options.rollupDays * 86_400,
  ])
  return expired.map(({ child }) => child)
}
