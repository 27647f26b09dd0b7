import { formatDuration } from '#ui/format/duration.ts'

interface TimeBehindProps {
  readonly behindMs: number | null
  readonly errorMs: number | null
}

/** Time behind with how exactly it is known. */
export function TimeBehind({ behindMs, errorMs }: TimeBehindProps) {
  return (
    <>
      <div className={behindMs !== null && behindMs > 60_000 ? 'text-warn' : undefined}>{formatDuration(behindMs)}</div>
      {behindMs !== null && errorMs !== null && <div className="text-sm text-ink-3">± {formatDuration(errorMs)}</div>}
    </>
  )
}
