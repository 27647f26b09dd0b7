import { memo } from 'react'
import type { TimelineRow } from '#domain/flow/flow.ts'
import type { TimelineScale } from '#domain/flow/timeline-scale.ts'
import { classNames } from '#ui/class-names.ts'
import { TimelineBar } from '#features/flows/timeline-bar.tsx'
import { TimelineLabel } from '#features/flows/timeline-label.tsx'

export const ROW_PX = 27
export const TIMELINE_GRID = 'grid grid-cols-[minmax(150px,34%)_1fr] xl:grid-cols-[330px_1fr]'

interface TimelineLineProps {
  /** undefined while it is on its way. */
  readonly row: TimelineRow | undefined
  readonly scale: TimelineScale
  readonly topPx: number
  readonly isOpen: boolean
  readonly isCursor: boolean
  readonly onToggle: (id: string, isOpen: boolean) => void
}

/** One row of the timeline. Kept as it is while others scroll into sight. */
export const TimelineLine = memo(function TimelineLine({
  row,
  scale,
  topPx,
  isOpen,
  isCursor,
  onToggle,
}: TimelineLineProps) {
  const style = { height: ROW_PX, transform: `translateY(${topPx}px)` }
  const place = classNames(TIMELINE_GRID, 'absolute inset-x-0 items-center border-b border-line-soft')
  if (row === undefined) {
    return (
      <span className={place} style={style} data-timeline-row="" aria-hidden="true">
        <span className="ml-2.5 h-2.5 w-2/3 rounded-xs bg-line-soft" />
        <span className="block h-full border-l border-line-soft" />
      </span>
    )
  }
  return (
    <button
      type="button"
      data-timeline-row=""
      data-row-id={row.id}
      aria-pressed={isOpen}
      onClick={() => onToggle(row.id, isOpen)}
      className={classNames(
        place,
        'text-left -outline-offset-2',
        isOpen ? 'bg-accent-weak' : isCursor ? 'bg-panel-2' : 'hover:bg-panel-2/60',
      )}
      style={style}
    >
      <TimelineLabel row={row} />
      <span className="block h-full border-l border-line-soft">
        <TimelineBar row={row} scale={scale} />
      </span>
    </button>
  )
})
