'use client'
import { formatDistance, formatInstant, formatMoment } from '#ui/format/moment.ts'
import { useNow } from '#ui/use-now.ts'

interface MomentTextProps {
  readonly atMs: number
  /** `clock` = when, `distance` = how long ago; the other one and the time zone are in the title. */
  readonly as?: 'clock' | 'distance'
}

/** An instant as text that stays true while the page is open. */
export function MomentText({ atMs, as = 'clock' }: MomentTextProps) {
  const nowMs = useNow()
  if (nowMs === 0) return null
  const text = as === 'clock' ? formatMoment(atMs, nowMs) : formatDistance(atMs, nowMs)
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={`${formatInstant(atMs)}, ${formatDistance(atMs, nowMs)}`}
      className="whitespace-nowrap"
    >
      {text}
    </time>
  )
}
