import type { TimelineRow } from '#domain/flow/flow.ts'
import { classNames } from '#ui/class-names.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import type { TimelineScale } from '#features/flows/timeline-scale.ts'

const TONES: Readonly<Record<TimelineRow['tone'], string>> = {
  normal: 'bg-accent',
  ok: 'bg-accent',
  bad: 'bg-bad',
  warn: 'bg-warn',
  replay: 'bg-replay',
  dim: 'bg-quiet-bar',
}

/** Fill of a row's bar: waiting is hatched, work is solid. */
export function barClass(row: TimelineRow): string {
  switch (row.kind) {
    case 'queue':
      return 'hatch-queue'
    case 'parked':
      return 'hatch-parked'
    case 'back-off':
      return 'bg-backoff'
    case 'operation':
      return 'bg-replay'
    case 'span':
      return TONES[row.tone]
  }
}

/** From here on the label goes to the left of the bar, so that it stays inside. */
const RIGHT_EDGE = 0.82

/** One bar on the time scale with its length in words. */
export function TimelineBar({ row, scale }: { readonly row: TimelineRow; readonly scale: TimelineScale }) {
  const from = scale.toX(row.startUs)
  const to = scale.toX(row.startUs + row.durationUs)
  const isAtRight = to > RIGHT_EDGE
  return (
    <span className="relative block h-full">
      <span
        className={classNames('absolute top-[7px] h-[13px] min-w-[3px] rounded-xs', barClass(row))}
        style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
      />
      {row.durationUs > 0 && (
        <span
          className={classNames(
            'absolute top-[5px] text-xs whitespace-nowrap text-ink-2',
            isAtRight && '-translate-x-full',
          )}
          style={
            isAtRight
              ? { left: `calc(${from * 100}% - 6px)` }
              : { left: `calc(max(${to * 100}%, ${from * 100}% + 3px) + 6px)` }
          }
        >
          {formatDurationUs(row.durationUs)}
        </span>
      )}
    </span>
  )
}
