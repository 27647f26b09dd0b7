import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'

/** Rows at most that one statement removes, and statements per table and round; the rest goes with the next round. */
const MAX_ROWS = 20_000
const MAX_STATEMENTS = 50
/** These carry payloads of up to megabytes. */
const MAX_IMPORT_ROWS = 1_000

/** What is removed once it is older than it is useful: [table, column, age]. Sessions by their own expiry. */
const EXPIRIES = [
  ['lag_sample', 'at', '1 day'],
  ['consumer_event', 'at', '7 days'],
  ['poll_cycle', 'started_at', '1 day'],
  ['login_attempt', 'attempted_at', '1 day'],
  ['collector_request', 'asked_at', '1 hour'],
  ['consumer_action', 'ended_at', '90 days'],
  ['stuck_delivery', 'resolved_at', '1 day'],
  ['session', 'expires_at', '0'],
  ['message_archive', 'expires_at', '0'],
] as const

/** Removes history and expired rows of the control tables, bounded per round. Gives the count per table. */
export async function retainControlRows(database: Database): Promise<Readonly<Record<string, number>>> {
  const removed: Record<string, number> = {}
  for (const [table, column, age] of EXPIRIES) {
    removed[table] = 0
    for (let statement = 0; statement < MAX_STATEMENTS; statement += 1) {
      const { rowCount } = await database.execute(sql`
        delete from ${sql.identifier(table)} where ctid = any(array(
          select ctid from ${sql.identifier(table)}
          where ${sql.identifier(column)} < now() - ${age}::interval limit ${MAX_ROWS}))`)
      removed[table] += rowCount ?? 0
      if ((rowCount ?? 0) < MAX_ROWS) break
    }
  }
  removed['import_message'] = await removeExpiredImports(database)
  return removed
}

/** The messages of files that are past their time; what they were called and their hash stay. */
async function removeExpiredImports(database: Database): Promise<number> {
  let removed = 0
  for (let statement = 0; statement < MAX_STATEMENTS; statement += 1) {
    const { rowCount } = await database.execute(sql`
      delete from import_message where ctid = any(array(
        select message.ctid from import_file file join import_message message on message.import_id = file.id
        where file.expires_at < now() limit ${MAX_IMPORT_ROWS}))`)
    removed += rowCount ?? 0
    if ((rowCount ?? 0) < MAX_IMPORT_ROWS) break
  }
  return removed
}
