import { and, eq, ne, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { person, session } from '#db/schema/access.ts'
import type { Role } from '#domain/access/role.ts'

export interface StoredSession {
  readonly tokenHash: Uint8Array
  readonly lastSeenAtMs: number
  readonly expiresAtMs: number
  readonly personId: string
  readonly login: string
  readonly name: string
  readonly role: Role
  readonly isDisabled: boolean
  readonly mustChangePassword: boolean
}

export async function insertSession(
  database: Database,
  row: {
    readonly tokenHash: Uint8Array
    readonly personId: string
    readonly nowMs: number
    readonly expiresAtMs: number
  },
): Promise<void> {
  const now = new Date(row.nowMs)
  await database.insert(session).values({
    tokenHash: row.tokenHash,
    personId: row.personId,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(row.expiresAtMs),
  })
}

/** With its person; also when it is over. null when there is none. */
export async function findSession(database: Database, tokenHash: Uint8Array): Promise<StoredSession | null> {
  const [row] = await database
    .select({
      tokenHash: session.tokenHash,
      lastSeenAtMs: epochMs(session.lastSeenAt),
      expiresAtMs: epochMs(session.expiresAt),
      personId: person.id,
      login: person.login,
      name: person.name,
      role: person.role,
      isDisabled: sql<boolean>`${person.disabledAt} is not null`,
      mustChangePassword: sql<boolean>`${person.passwordExpiredAt} is not null`,
    })
    .from(session)
    .innerJoin(person, eq(person.id, session.personId))
    .where(eq(session.tokenHash, tokenHash))
    .limit(1)
  return row ?? null
}

export async function touchSession(database: Database, tokenHash: Uint8Array, nowMs: number): Promise<void> {
  await database
    .update(session)
    .set({ lastSeenAt: new Date(nowMs) })
    .where(eq(session.tokenHash, tokenHash))
}

export async function deleteSession(database: Database, tokenHash: Uint8Array): Promise<void> {
  await database.delete(session).where(eq(session.tokenHash, tokenHash))
}

/** Signs a person out everywhere, but for one session where given. @returns how many sessions ended */
export async function deleteSessionsOf(
  database: Database,
  personId: string,
  keptTokenHash: Uint8Array | null = null,
): Promise<number> {
  const { rowCount } = await database
    .delete(session)
    .where(
      and(eq(session.personId, personId), keptTokenHash === null ? undefined : ne(session.tokenHash, keptTokenHash)),
    )
  return rowCount ?? 0
}

/** Sessions that can never be used again. */
export async function deleteExpiredSessions(database: Database, nowMs: number): Promise<void> {
  await database.delete(session).where(sql`${session.expiresAt} < to_timestamp(${nowMs}::float8 / 1000)`)
}
