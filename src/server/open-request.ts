import { hashSessionToken } from '#commands/session/open-session.ts'
import { findSession, touchSession } from '#db/store/session-store.ts'
import { isSessionLive } from '#domain/access/session-limits.ts'
import type { Caller, RequestContext } from '#server/request-context.ts'
import type { Runtime } from '#server/runtime.ts'
import { printSessionCookie, readSessionCookie } from '#server/session-cookie.ts'

/** A page polls every few seconds; the time of last use is written once a minute. */
const TOUCH_MS = 60_000

/** Finds out who asks. A session that is over, or whose person is disabled, is nobody's. */
export async function openRequest(
  runtime: Runtime,
  headers: Headers,
  responseHeaders: Headers,
): Promise<RequestContext> {
  const isSecure = new URL(runtime.config.THROUGHLINE_URL).protocol === 'https:'
  const token = readSessionCookie(headers.get('cookie'), isSecure)
  const sessionHash = token === null ? null : hashSessionToken(token)
  return {
    runtime,
    caller: sessionHash === null ? null : await findCaller(runtime, sessionHash),
    sessionHash,
    address: headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? 'unknown',
    setSessionToken: (next) => responseHeaders.append('set-cookie', printSessionCookie(next, isSecure)),
  }
}

async function findCaller(runtime: Runtime, sessionHash: Uint8Array): Promise<Caller | null> {
  const nowMs = runtime.nowMs()
  const found = await findSession(runtime.database, sessionHash)
  if (found === null || found.isDisabled || !isSessionLive(found, nowMs)) return null
  if (nowMs - found.lastSeenAtMs > TOUCH_MS) await touchSession(runtime.database, sessionHash, nowMs)
  return {
    actor: { kind: 'person', id: found.personId, name: found.name, role: found.role },
    login: found.login,
    role: found.role,
    mustChangePassword: found.mustChangePassword,
  }
}
