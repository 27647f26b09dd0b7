import { count, eq, sql } from 'drizzle-orm'
import { hashPassword, makeOneTimePassword } from '#commands/person/password-hash.ts'
import type { Database } from '#db/client.ts'
import { person } from '#db/schema/access.ts'
import { insertAuditEntry } from '#db/store/audit-store.ts'
import { insertPerson, updatePassword } from '#db/store/person-store.ts'
import { MIN_PASSWORD_LENGTH } from '#domain/access/session-limits.ts'
import { Failure } from '#domain/failure.ts'

export interface FirstOwner {
  readonly login: 'owner'
  /** To be shown once; null when the password was given from outside and is kept. */
  readonly oneTimePassword: string | null
}

export interface FirstOwnerOptions {
  /** THROUGHLINE_OWNER_PASSWORD: at least 12 characters, permanent; for demos and tests. */
  readonly permanentPassword?: string | undefined
  /** Replaces a one-time password that nobody has used yet: only its hash was kept, so it cannot be shown again. */
  readonly renewUnused?: boolean
}

/** Of all processes that start at once, one looks at a time. */
const LOCK = sql`select pg_advisory_xact_lock(hashtext('throughline first owner'))`

/**
 * Makes the first admin where there is nobody yet, so that somebody can sign in. null when there are people already.
 *
 * @throws Failure `invalid` for a given password that is too short
 */
export async function ensureFirstOwner(
  database: Database,
  options: FirstOwnerOptions = {},
): Promise<FirstOwner | null> {
  const { permanentPassword, renewUnused = false } = options
  if (permanentPassword !== undefined && permanentPassword.length < MIN_PASSWORD_LENGTH) {
    throw new Failure('invalid', `THROUGHLINE_OWNER_PASSWORD: at least ${String(MIN_PASSWORD_LENGTH)} characters`)
  }
  return database.transaction(async (transaction) => {
    await transaction.execute(LOCK)
    const standing = await readStanding(transaction)
    if (standing === 'settled' || (standing !== 'empty' && !renewUnused)) return null
    const oneTimePassword = permanentPassword === undefined ? makeOneTimePassword() : null
    const passwordHash = await hashPassword(oneTimePassword ?? permanentPassword ?? '')
    const passwordExpiredAt = oneTimePassword === null ? null : new Date()
    const id =
      standing === 'empty'
        ? await insertPerson(transaction, {
            login: 'owner',
            name: 'Owner',
            role: 'admin',
            passwordHash,
            passwordExpiredAt,
          })
        : standing.unusedOwnerId
    if (id === null) throw new Failure('conflict', 'the login owner is taken')
    if (standing !== 'empty') await updatePassword(transaction, id, passwordHash, passwordExpiredAt)
    await insertAuditEntry(transaction, {
      actor: { kind: 'system', id: 'first-start', name: 'First start' },
      verb: standing === 'empty' ? 'person.create' : 'person.renew-one-time-password',
      target: `person:${id}`,
      outcome: 'allowed',
      details: { login: 'owner', role: 'admin', isPermanent: oneTimePassword === null },
    })
    return { login: 'owner', oneTimePassword }
  })
}

async function readStanding(database: Database): Promise<'empty' | 'settled' | { readonly unusedOwnerId: string }> {
  const [people] = await database.select({ count: count() }).from(person)
  if (people?.count === 0) return 'empty'
  const [owner] = await database
    .select({ id: person.id, passwordExpiredAt: person.passwordExpiredAt })
    .from(person)
    .where(eq(person.login, 'owner'))
  return people?.count === 1 && owner && owner.passwordExpiredAt !== null ? { unusedOwnerId: owner.id } : 'settled'
}
