import { formatDuration } from '#ui/format/duration.ts'

interface TimeBehindProps {
  readonly behindMs: number | null
  readonly errorMs: number | null
}

/** Time behind with how exactly it is known; where the error is larger than the figure, only its upper bound is said. Ages that the broker itself keeps are exact. */
export function TimeBehind({ behindMs, errorMs }: TimeBehindProps) {
  if (behindMs !== null && errorMs !== null && errorMs > 0 && errorMs >= behindMs) {
    return (
      <span title={`${formatDuration(behindMs)} ± ${formatDuration(errorMs)}`}>
        ≤ {formatDuration(behindMs + errorMs)}
      </span>
    )
  }
  return (
    <>
      <div className={behindMs !== null && behindMs > 60_000 ? 'text-warn' : undefined}>{formatDuration(behindMs)}</div>
      {behindMs !== null && errorMs !== null && errorMs > 0 && (
        <div className="text-sm text-ink-3">± {formatDuration(errorMs)}</div>
      )}
    </>
  )
}
