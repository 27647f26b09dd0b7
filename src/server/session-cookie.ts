import { SESSION_ABSOLUTE_MS } from '#domain/access/session-limits.ts'

/** `__Host-` binds the cookie to this very host; browsers take it over https alone. */
function cookieName(isSecure: boolean): string {
  return isSecure ? '__Host-throughline_session' : 'throughline_session'
}

/** Lax, so that a link from a chat opens signed in; what changes state is kept apart by the Origin check. */
export function printSessionCookie(token: string | null, isSecure: boolean): string {
  const age = token === null ? 0 : SESSION_ABSOLUTE_MS / 1000
  const secure = isSecure ? '; Secure' : ''
  return `${cookieName(isSecure)}=${token ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${String(age)}${secure}`
}

/** The token in a Cookie header; null when there is none or it cannot be one of ours. */
export function readSessionCookie(header: string | null, isSecure: boolean): string | null {
  const wanted = `${cookieName(isSecure)}=`
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(wanted))
  const token = found?.slice(wanted.length)
  return token !== undefined && /^[\w-]{43}$/.test(token) ? token : null
}
