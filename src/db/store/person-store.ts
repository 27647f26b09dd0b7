import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { person } from '#db/schema/access.ts'
import type { Role } from '#domain/access/role.ts'

export interface PersonRow {
  readonly id: string
  readonly login: string
  readonly name: string
  readonly role: Role
  readonly createdAtMs: number
  readonly disabledAtMs: number | null
  readonly mustChangePassword: boolean
  /** Sessions that can still be used. */
  readonly sessionCount: number
  /** When any of them was last used; null without one. */
  readonly lastSeenAtMs: number | null
}

export interface Credentials {
  readonly id: string
  readonly login: string
  readonly name: string
  readonly role: Role
  readonly passwordHash: string
  readonly isDisabled: boolean
  readonly mustChangePassword: boolean
}

/** Logins are compared without regard to case and outer blanks; this is the form that is stored. */
export function normaliseLogin(login: string): string {
  return login.trim().toLowerCase()
}

export async function listPeople(database: Database): Promise<readonly PersonRow[]> {
  return database
    .select({
      id: person.id,
      login: person.login,
      name: person.name,
      role: person.role,
      createdAtMs: epochMs(person.createdAt),
      disabledAtMs: sql<number | null>`${epochMs(person.disabledAt)}`,
      mustChangePassword: sql<boolean>`${person.passwordExpiredAt} is not null`,
      sessionCount: sql<number>`(select count(*)::int from session s where s.person_id = person.id
        and s.expires_at > now() and s.last_seen_at > now() - interval '12 hours')`,
      lastSeenAtMs: sql<number | null>`(select (extract(epoch from max(s.last_seen_at)) * 1000)::float8 from session s
        where s.person_id = person.id)`,
    })
    .from(person)
    .orderBy(asc(person.login))
    .limit(1_000)
}

export async function findCredentials(
  database: Database,
  by: { readonly login: string } | { readonly id: string },
): Promise<Credentials | null> {
  const [row] = await database
    .select({
      id: person.id,
      login: person.login,
      name: person.name,
      role: person.role,
      passwordHash: person.passwordHash,
      isDisabled: sql<boolean>`${person.disabledAt} is not null`,
      mustChangePassword: sql<boolean>`${person.passwordExpiredAt} is not null`,
    })
    .from(person)
    .where('id' in by ? eq(person.id, by.id) : eq(person.login, by.login))
    .limit(1)
  return row ?? null
}

/** null when the login is taken. */
export async function insertPerson(
  database: Database,
  row: {
    readonly login: string
    readonly name: string
    readonly role: Role
    readonly passwordHash: string
    /** When the password has to be replaced at the first sign-in; null = it is the person's own. */
    readonly passwordExpiredAt: Date | null
  },
): Promise<string | null> {
  const [inserted] = await database.insert(person).values(row).onConflictDoNothing().returning({ id: person.id })
  return inserted?.id ?? null
}

export async function updatePassword(
  database: Database,
  id: string,
  passwordHash: string,
  passwordExpiredAt: Date | null,
): Promise<void> {
  await database.update(person).set({ passwordHash, passwordExpiredAt }).where(eq(person.id, id))
}

export async function updateRole(database: Database, id: string, role: Role): Promise<void> {
  await database.update(person).set({ role }).where(eq(person.id, id))
}

export async function updateDisabledAt(database: Database, id: string, disabledAt: Date | null): Promise<void> {
  await database.update(person).set({ disabledAt }).where(eq(person.id, id))
}

/** Locks the admins that can sign in, so that two requests cannot each take away the other's last one. */
export async function lockActiveAdmins(database: Database): Promise<readonly string[]> {
  const rows = await database
    .select({ id: person.id })
    .from(person)
    .where(and(eq(person.role, 'admin'), isNull(person.disabledAt)))
    .orderBy(asc(person.id))
    .for('update')
  return rows.map((row) => row.id)
}
