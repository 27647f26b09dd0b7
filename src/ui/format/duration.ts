import { NO_BREAK } from '#ui/format/number.ts'

/**
 * A length of time for people, two units at most: `12 µs`, `40 ms`, `3.4 s`, `41 s`, `14 m 08 s`, `9 h 12 m`,
 * `6 d 23 h`. Unknown (null) is an em dash. Rounds before it splits, so that `59.99 s` is never shown as `60 s`.
 */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null || !Number.isFinite(durationMs)) return '—'
  const sign = durationMs < 0 ? '−' : ''
  return sign + formatLength(Math.abs(durationMs))
}

function formatLength(lengthMs: number): string {
  if (lengthMs === 0) return one('0', 's')
  if (lengthMs < 0.9995) return one(String(Math.max(1, Math.round(lengthMs * 1000))), 'µs')
  if (lengthMs < 9.95) return one(trimmed(lengthMs), 'ms')
  if (lengthMs < 999.5) return one(String(Math.round(lengthMs)), 'ms')
  if (lengthMs < 9950) return one(trimmed(lengthMs / 1000), 's')
  const seconds = Math.round(lengthMs / 1000)
  if (seconds < 60) return one(String(seconds), 's')
  if (seconds < 3600) return two(seconds, 60, 'm', 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return two(minutes, 60, 'h', 'm')
  return two(Math.round(minutes / 60), 24, 'd', 'h')
}

const trimmed = (value: number): string => value.toFixed(1).replace(/\.0$/, '')
const one = (figure: string, unit: string): string => `${figure}${NO_BREAK}${unit}`

function two(total: number, base: number, unit: string, smallUnit: string): string {
  const small = total % base
  const big = one(String(Math.floor(total / base)), unit)
  if (small === 0) return big
  return `${big}${NO_BREAK}${one(String(small).padStart(base === 60 ? 2 : 1, '0'), smallUnit)}`
}

/** Microseconds, as telemetry has them. */
export function formatDurationUs(durationUs: number | null): string {
  return formatDuration(durationUs === null ? null : durationUs / 1000)
}
