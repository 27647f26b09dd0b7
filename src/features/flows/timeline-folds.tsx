import type { TimelineScale } from '#domain/flow/timeline-scale.ts'
import { classNames } from '#ui/class-names.ts'
import { TIMELINE_GRID } from '#features/flows/timeline-line.tsx'

/** The stretches that are drawn shorter than they are, over the whole height of the timeline. */
export function TimelineFolds({ scale }: { readonly scale: TimelineScale }) {
  if (scale.folds.length === 0) return null
  return (
    <div aria-hidden="true" className={classNames(TIMELINE_GRID, 'pointer-events-none absolute inset-0')}>
      <span />
      <span className="relative block h-full">
        {scale.folds.map((fold) => (
          <span
            key={fold.startUs}
            className="absolute inset-y-0 border-x border-dashed border-line bg-sunken/60"
            style={{ left: `${fold.fromX * 100}%`, width: `${(fold.toX - fold.fromX) * 100}%` }}
          />
        ))}
      </span>
    </div>
  )
}
