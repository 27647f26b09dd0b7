import { and, eq, gt, inArray, lt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { loginAttempt } from '#db/schema/access.ts'

/** Notes one attempt for each subject (`account:<login>`, `address:<ip>`) and gives the ids of the notes. */
export async function insertLoginAttempts(
  database: Database,
  subjects: readonly string[],
  nowMs: number,
): Promise<readonly number[]> {
  const rows = await database
    .insert(loginAttempt)
    .values(subjects.map((subject) => ({ subject, attemptedAt: new Date(nowMs) })))
    .returning({ id: loginAttempt.id })
  return rows.map((row) => row.id)
}

export async function countLoginAttempts(database: Database, subject: string, sinceMs: number): Promise<number> {
  const [row] = await database
    .select({ count: sql<number>`count(*)::int` })
    .from(loginAttempt)
    .where(and(eq(loginAttempt.subject, subject), gt(loginAttempt.attemptedAt, new Date(sinceMs))))
  return row?.count ?? 0
}

export async function deleteLoginAttempts(database: Database, ids: readonly number[]): Promise<void> {
  await database.delete(loginAttempt).where(inArray(loginAttempt.id, [...ids]))
}

/** What no window can count any more, of these subjects. */
export async function deleteOldLoginAttempts(
  database: Database,
  subjects: readonly string[],
  beforeMs: number,
): Promise<void> {
  await database
    .delete(loginAttempt)
    .where(and(inArray(loginAttempt.subject, [...subjects]), lt(loginAttempt.attemptedAt, new Date(beforeMs))))
}
