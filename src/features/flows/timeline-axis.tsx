import { formatDurationUs } from '#ui/format/duration.ts'
import { formatClock, formatClockMs } from '#ui/format/moment.ts'
import type { TimelineScale } from '#domain/flow/timeline-scale.ts'

const TICKS = [0, 0.2, 0.4, 0.6, 0.8] as const
/** Longer flows are told by the clock, shorter ones by the distance from their start. */
const CLOCK_FROM_US = 60_000_000

/** The times over the bars; folds say how much they leave out. */
export function TimelineAxis({ scale }: { readonly scale: TimelineScale }) {
  const isLong = scale.endUs - scale.startUs >= CLOCK_FROM_US
  const isFree = (x: number) => scale.folds.every((fold) => x < fold.fromX - 0.08 || x > fold.toX)
  const ticks = TICKS.filter(isFree)
  const clocks = ticks.map((x) => formatClock(scale.toUs(x) / 1000))
  // Folds can leave less than a second between two ticks.
  const format = new Set(clocks).size === clocks.length ? formatClock : formatClockMs
  const label = (atUs: number) =>
    isLong ? format(atUs / 1000) : `+${formatDurationUs(Math.round(atUs - scale.startUs))}`
  return (
    <div className="relative h-6 text-xs text-ink-3">
      {ticks.map((x) => (
        <span
          key={x}
          className="absolute top-1 border-l border-line-soft pl-1 whitespace-nowrap"
          style={{ left: `${x * 100}%` }}
        >
          {label(scale.toUs(x))}
        </span>
      ))}
      {scale.folds.map((fold) => (
        <span
          key={fold.startUs}
          className="absolute top-1 text-center whitespace-nowrap"
          style={{ left: `${fold.fromX * 100}%`, width: `${(fold.toX - fold.fromX) * 100}%` }}
          title="A long wait, drawn shorter than it is"
        >
          ⋯ {formatDurationUs(fold.endUs - fold.startUs)} folded ⋯
        </span>
      ))}
    </div>
  )
}
