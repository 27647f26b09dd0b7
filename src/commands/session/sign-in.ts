import { verifyPassword } from '#commands/person/password-hash.ts'
import { admitAttempt } from '#commands/session/admit-attempt.ts'
import { openSession } from '#commands/session/open-session.ts'
import type { Database } from '#db/client.ts'
import { insertAuditEntry } from '#db/store/audit-store.ts'
import { deleteLoginAttempts } from '#db/store/login-attempt-store.ts'
import { findCredentials, normaliseLogin, type Credentials } from '#db/store/person-store.ts'
import { deleteExpiredSessions, deleteSession } from '#db/store/session-store.ts'
import { Failure } from '#domain/failure.ts'

export interface SignInRequest {
  readonly login: string
  readonly password: string
  readonly address: string
  /** The session that the browser brought along, if any: it ends here. */
  readonly previousTokenHash: Uint8Array | null
}

/**
 * Opens a session. Not made with `defineCommand`, as there is no actor yet: it limits, verifies and writes its own
 * audit rows, the refused ones too.
 *
 * @throws Failure `limit` after 5 failures per account or 20 per address within a minute, `forbidden` for wrong
 * credentials (also for a disabled person, and for one who does not exist)
 */
export async function signIn(
  context: { readonly database: Database; readonly nowMs: number },
  request: SignInRequest,
): Promise<{ readonly token: string; readonly mustChangePassword: boolean }> {
  const { database, nowMs } = context
  const login = normaliseLogin(request.login)
  const attempts = await admitAttempt(context, login, request.address)
  const known = await findCredentials(database, { login })
  const isRight = await verifyPassword(known?.passwordHash ?? null, request.password)
  if (known === null || !isRight || known.isDisabled) {
    await auditSignIn(database, known, login, { outcome: 'denied', address: request.address })
    throw new Failure('forbidden', 'the login or the password is wrong')
  }
  const token = await database.transaction(async (transaction) => {
    if (request.previousTokenHash !== null) await deleteSession(transaction, request.previousTokenHash)
    await deleteExpiredSessions(transaction, nowMs)
    await deleteLoginAttempts(transaction, attempts)
    await auditSignIn(transaction, known, login, { outcome: 'allowed', address: request.address })
    return openSession(transaction, known.id, nowMs)
  })
  return { token, mustChangePassword: known.mustChangePassword }
}

async function auditSignIn(
  database: Database,
  known: Credentials | null,
  login: string,
  what: { readonly outcome: 'allowed' | 'denied'; readonly address: string },
): Promise<void> {
  await insertAuditEntry(database, {
    actor: { kind: 'person', id: known?.id ?? 'unknown', name: known?.name ?? login, role: known?.role ?? 'viewer' },
    verb: 'session.sign-in',
    target: known === null ? 'person:unknown' : `person:${known.id}`,
    outcome: what.outcome,
    details: { login, address: what.address },
  })
}
