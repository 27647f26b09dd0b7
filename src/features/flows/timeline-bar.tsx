import type { TimelineRow } from '#domain/flow/flow.ts'
import { classNames } from '#ui/class-names.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import type { TimelineScale } from '#domain/flow/timeline-scale.ts'

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

/** From here on there is no room for a label to the right of the bar. */
const RIGHT_EDGE = 0.86
/** Left of this there is none to the left of it either. */
const LEFT_EDGE = 0.12

type Side = 'right' | 'left' | 'inside'

function sideOf(from: number, to: number): Side {
  if (to <= RIGHT_EDGE) return 'right'
  return from >= LEFT_EDGE ? 'left' : 'inside'
}

/** One bar on the time scale with its length in words; underlined where it decided how long the flow took. */
export function TimelineBar({ row, scale }: { readonly row: TimelineRow; readonly scale: TimelineScale }) {
  const from = scale.toX(row.startUs)
  const to = scale.toX(row.startUs + row.durationUs)
  return (
    <span className="relative block h-full">
      <span
        className={classNames('absolute top-[7px] h-[13px] min-w-[3px] rounded-xs', barClass(row))}
        style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
      />
      {row.isCritical && (
        <span
          className="absolute top-[22px] h-[2px] min-w-[3px] rounded-xs bg-ink"
          style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
        />
      )}
      {row.durationUs > 0 && (
        <BarLabel side={sideOf(from, to)} from={from} to={to} text={formatDurationUs(row.durationUs)} />
      )}
    </span>
  )
}

interface BarLabelProps {
  readonly side: Side
  readonly from: number
  readonly to: number
  readonly text: string
}

function BarLabel({ side, from, to, text }: BarLabelProps) {
  const left = {
    right: `calc(max(${to * 100}%, ${from * 100}% + 3px) + 6px)`,
    left: `calc(${from * 100}% - 6px)`,
    inside: `calc(${to * 100}% - 6px)`,
  }[side]
  return (
    <span
      className={classNames(
        'absolute top-[5px] text-xs whitespace-nowrap text-ink-2',
        side !== 'right' && '-translate-x-full',
        side === 'inside' && 'rounded-xs bg-panel px-1 text-ink',
      )}
      style={{ left }}
    >
      {text}
    </span>
  )
}
