'use client'
import { formatClock, formatDistance } from '#ui/format/moment.ts'
import { StateMark } from '#ui/state-mark.tsx'
import { useNow } from '#ui/use-now.ts'
import { useFreshness } from '#features/shell/use-freshness.ts'

/** Whether what the page shows is true now, and if not, since when. */
export function LiveIndicator() {
  const freshness = useFreshness()
  const nowMs = useNow()
  const [state, at] = freshness.split(':')
  const atMs = Number(at ?? 0)
  return (
    <span className="hidden shrink-0 sm:block" aria-live="polite">
      {state === 'live' && (
        <StateMark tone="ok" isQuiet title={`As of ${formatClock(atMs)}, ${formatDistance(atMs, nowMs)}`}>
          <span className="text-ink-2">Live</span>
        </StateMark>
      )}
      {state === 'stale' && (
        <StateMark tone="warn" title="The page could not be renewed; it is tried again by itself.">
          {atMs === 0 ? 'No answer' : `Stale since ${formatClock(atMs)}`}
        </StateMark>
      )}
      {state === 'loading' && (
        <StateMark tone="unknown" isQuiet>
          Loading
        </StateMark>
      )}
    </span>
  )
}
