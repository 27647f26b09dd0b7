import type { Database } from '#db/client.ts'
import { countLoginAttempts, deleteOldLoginAttempts, insertLoginAttempts } from '#db/store/login-attempt-store.ts'
import { SIGN_INS_PER_ACCOUNT, SIGN_INS_PER_ADDRESS, SIGN_IN_WINDOW_MS } from '#domain/access/session-limits.ts'
import { Failure } from '#domain/failure.ts'

/**
 * Lets a guess at a password through, or not. Notes first and counts then, each for itself: of many attempts at once
 * none can slip under the limit. Gives the ids of the notes, to be deleted when the guess was right.
 *
 * @throws Failure `limit` after 5 failures per account or 20 per address within a minute
 */
export async function admitAttempt(
  { database, nowMs }: { readonly database: Database; readonly nowMs: number },
  login: string,
  address: string,
): Promise<readonly number[]> {
  const account = `account:${login}`
  const origin = `address:${address}`
  const sinceMs = nowMs - SIGN_IN_WINDOW_MS
  await deleteOldLoginAttempts(database, [account, origin], sinceMs)
  const noted = await insertLoginAttempts(database, [account, origin], nowMs)
  const [ofAccount, ofAddress] = await Promise.all([
    countLoginAttempts(database, account, sinceMs),
    countLoginAttempts(database, origin, sinceMs),
  ])
  if (ofAccount > SIGN_INS_PER_ACCOUNT || ofAddress > SIGN_INS_PER_ADDRESS) {
    throw new Failure('limit', 'too many failed sign-ins: wait a minute', {
      retryable: true,
      details: { retryAfterMs: SIGN_IN_WINDOW_MS },
    })
  }
  return noted
}
