import type { PauseKind, PauseLease, PauseStanding } from '#domain/pause/pause-lease.ts'

/** A pause as the reason of a state: who, until when (UTC, to the minute), why. */
export function sayPause({
  askedByName,
  reason,
  expiresAtMs,
}: Pick<PauseLease, 'askedByName' | 'reason' | 'expiresAtMs'>): string {
  return `by ${askedByName} until ${new Date(expiresAtMs).toISOString().slice(11, 16)} UTC, “${reason}”`
}

/** Whether a group that stands still does what was asked: a slow-down does not stop it, and a wish that nobody heeds explains nothing. */
export const explainsStandstill = ({
  kind,
  standing,
}: {
  readonly kind: PauseKind
  readonly standing: PauseStanding
}): boolean => kind !== 'throttle' && (standing === 'asked' || standing === 'in-force')
