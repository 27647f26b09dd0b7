import { sql, type AnyColumn, type SQL } from 'drizzle-orm'

/** A timestamp column as milliseconds since the epoch, which is how read models give times to their readers. */
export function epochMs(column: AnyColumn | SQL): SQL<number> {
  return sql<number>`(extract(epoch from ${column}) * 1000)::float8`
}
