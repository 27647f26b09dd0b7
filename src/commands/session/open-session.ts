import { createHash } from 'node:crypto'
import { makeSessionToken } from '#commands/person/password-hash.ts'
import type { Database } from '#db/client.ts'
import { insertSession } from '#db/store/session-store.ts'
import { SESSION_ABSOLUTE_MS } from '#domain/access/session-limits.ts'

/** What the database knows a session by: reading the table gives nobody a session. */
export function hashSessionToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** Opens a session and gives its token, which exists nowhere else than in the answer. */
export async function openSession(database: Database, personId: string, nowMs: number): Promise<string> {
  const token = makeSessionToken()
  await insertSession(database, {
    tokenHash: hashSessionToken(token),
    personId,
    nowMs,
    expiresAtMs: nowMs + SESSION_ABSOLUTE_MS,
  })
  return token
}
