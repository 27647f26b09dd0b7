/** A session ends when nobody used it for this long ... */
export const SESSION_IDLE_MS = 12 * 3_600_000
/** ... and in any case this long after sign-in. */
export const SESSION_ABSOLUTE_MS = 7 * 24 * 3_600_000

/** Times are milliseconds since the epoch; both ends are exclusive. */
export function isSessionLive(
  session: { readonly lastSeenAtMs: number; readonly expiresAtMs: number },
  nowMs: number,
): boolean {
  return nowMs < session.expiresAtMs && nowMs < session.lastSeenAtMs + SESSION_IDLE_MS
}

/** Failed sign-ins within {@link SIGN_IN_WINDOW_MS} after which further ones are refused unseen. */
export const SIGN_IN_WINDOW_MS = 60_000
export const SIGN_INS_PER_ACCOUNT = 5
export const SIGN_INS_PER_ADDRESS = 20

/** Long enough to be worth guessing at for ages; length is the only rule (NIST SP 800-63B). */
export const MIN_PASSWORD_LENGTH = 12
export const MAX_PASSWORD_LENGTH = 256
