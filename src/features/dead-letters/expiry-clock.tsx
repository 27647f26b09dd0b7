'use client'
import { formatDuration } from '#ui/format/duration.ts'
import { formatInstant } from '#ui/format/moment.ts'
import { useNow } from '#ui/use-now.ts'

const SHORT_MS = 12 * 3_600_000

/** How long until it is lost, counting down. */
export function ExpiryClock({ atMs }: { readonly atMs: number | null }) {
  const nowMs = useNow()
  if (atMs === null) {
    return (
      <span className="text-ink-3" title="Kept without limit, or the limit is not known">
        —
      </span>
    )
  }
  const leftMs = atMs - nowMs
  if (leftMs <= 0) return <span className="text-bad">may be gone</span>
  return (
    <span
      className={leftMs < SHORT_MS ? 'whitespace-nowrap text-warn' : 'whitespace-nowrap text-ink-2'}
      title={formatInstant(atMs)}
    >
      {formatDuration(leftMs)}
    </span>
  )
}
