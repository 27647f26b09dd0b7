import { sql } from 'drizzle-orm'
import type { Runtime } from '#server/runtime.ts'

/** Whether the web process can do its work: the database answers. */
export async function checkHealth(runtime: Runtime): Promise<boolean> {
  try {
    await runtime.database.execute(sql`select 1`)
    return true
  } catch (error) {
    runtime.log.warn({ err: error }, 'the database does not answer')
    return false
  }
}
