import { formatDuration } from '#ui/format/duration.ts'
import { lazyFormat } from '#ui/format/lazy-format.ts'

const day = lazyFormat(() => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }))
const dayYear = lazyFormat(() => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }))
const full = lazyFormat(() => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' }))

/** `12:14:02` in the reader's time zone. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** `12:14:02.345`: where milliseconds tell two rows apart. */
export const formatClockMs = (atMs: number): string =>
  `${formatClock(atMs)}.${String(Math.floor(((atMs % 1000) + 1000) % 1000)).padStart(3, '0')}`

/** The time of day when it was today, otherwise the day with it. */
export function formatMoment(atMs: number, nowMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString()
  if (isToday) return formatClock(atMs)
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
  return `${(isThisYear ? day() : dayYear()).format(atMs)} ${formatClock(atMs)}`
}

/** Everything about an instant, with the time zone: for titles. */
export const formatInstant = (atMs: number): string => full().format(atMs)

/** `14 m 08 s ago`, `in 22 m`, `just now`. */
export function formatDistance(atMs: number, nowMs: number): string {
  const distanceMs = nowMs - atMs
  if (Math.abs(distanceMs) < 1500) return 'just now'
  const length = formatDuration(Math.round(Math.abs(distanceMs) / 1000) * 1000)
  return distanceMs > 0 ? `${length} ago` : `in ${length}`
}
