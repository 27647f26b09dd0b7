import { classNames } from '#ui/class-names.ts'

export interface Segment {
  readonly id: string
  readonly label: string
  readonly size: number
  /** Fill classes: a tone, a hatch. */
  readonly className: string
}

interface SegmentBarProps {
  readonly label: string
  readonly segments: readonly Segment[]
  /** What the whole bar stands for; the rest of it stays empty. Default: the sum of the segments. */
  readonly total?: number
  readonly height?: number
}

/** Narrowest segment that is still seen. */
const LEAST_PERCENT = 0.4

/** Shares of one whole, side by side, in the given order. Present shares never vanish. */
export function SegmentBar({ label, segments, total, height = 6 }: SegmentBarProps) {
  const whole = total ?? segments.reduce((sum, segment) => sum + segment.size, 0)
  return (
    <figure aria-label={label} className="flex w-full overflow-hidden rounded-sm bg-panel-2" style={{ height }}>
      {whole > 0 &&
        segments.map(
          (segment) =>
            segment.size > 0 && (
              <span
                key={segment.id}
                title={segment.label}
                className={classNames('block h-full shrink', segment.className)}
                style={{ width: `${(segment.size / whole) * 100}%`, minWidth: `${LEAST_PERCENT}%` }}
              />
            ),
        )}
    </figure>
  )
}
