import { formatDuration } from '#ui/format/duration.ts'

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const DAY_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' })

/** `12:14:02` in the reader's time zone. */
export const formatClock = (atMs: number): string => CLOCK.format(atMs)

/** `12:14:02.345`: where milliseconds tell two rows apart. */
export const formatClockMs = (atMs: number): string =>
  `${CLOCK.format(atMs)}.${String(Math.floor(((atMs % 1000) + 1000) % 1000)).padStart(3, '0')}`

/** The time of day when it was today, otherwise the day with it. */
export function formatMoment(atMs: number, nowMs: number): string {
  const isToday = DAY_YEAR.format(atMs) === DAY_YEAR.format(nowMs)
  if (isToday) return CLOCK.format(atMs)
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear()
  return `${(isThisYear ? DAY : DAY_YEAR).format(atMs)} ${CLOCK.format(atMs)}`
}

/** Everything about an instant, with the time zone: for titles. */
export const formatInstant = (atMs: number): string => FULL.format(atMs)

/** `14 m 08 s ago`, `in 22 m`, `just now`. */
export function formatDistance(atMs: number, nowMs: number): string {
  const distanceMs = nowMs - atMs
  if (Math.abs(distanceMs) < 1500) return 'just now'
  const length = formatDuration(Math.round(Math.abs(distanceMs) / 1000) * 1000)
  return distanceMs > 0 ? `${length} ago` : `in ${length}`
}
