'use client'
import { SegmentBar } from '#ui/charts/segment-bar.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { type CohortSize, type SideFigures, sizeWords } from '#features/compare/compare-words.ts'
import { TIME_SHARE_LOOK, TIME_SHARE_ORDER } from '#features/flows/time-share-look.ts'

interface SideSummaryProps {
  readonly name: 'Left' | 'Right'
  readonly title: string
  readonly figures: SideFigures
  readonly size: CohortSize
  /** The longer of both, so that the bars have one scale. */
  readonly longestUs: number
}

export const totalOf = ({ shares }: SideFigures): number => Object.values(shares).reduce((sum, one) => sum + one, 0)

/** One side: how many flows, how long they took, where the time went. */
export function SideSummary({ name, title, figures, size, longestUs }: SideSummaryProps) {
  const { flowCount, duration, shares } = figures
  const isCohort = flowCount > 1 || size.totalCount !== 1
  const present = TIME_SHARE_ORDER.filter((kind) => shares[kind] >= 0.5)
  return (
    <section aria-label={`${name} side`} className="min-w-0">
      <div className="flex flex-wrap items-baseline justify-between gap-x-2">
        <div className="flex min-w-0 items-baseline gap-x-2">
          <span className="text-sm text-ink-3">{name}</span>
          <h2 className="min-w-0 font-semibold wrap-anywhere-safe">{title}</h2>
        </div>
        <span className="text-ink-2">
          {isCohort && `${sizeWords(flowCount, size)}: `}
          <b className="text-ink">{formatDurationUs(duration.p50Us)}</b>
          {isCohort && ` p50, ${formatDurationUs(duration.p95Us)} p95`}
        </span>
      </div>
      <div className="mt-1.5">
        <SegmentBar
          label={present.map((kind) => `${TIME_SHARE_LOOK[kind].word} ${formatDurationUs(shares[kind])}`).join(', ')}
          height={14}
          total={longestUs}
          segments={present.map((kind) => ({
            id: kind,
            label: `${TIME_SHARE_LOOK[kind].word} ${formatDurationUs(shares[kind])}`,
            size: shares[kind],
            className: TIME_SHARE_LOOK[kind].className,
          }))}
        />
      </div>
      <div className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-2">
        {present.map((kind) => (
          <span key={kind}>
            {TIME_SHARE_LOOK[kind].word} {formatDurationUs(shares[kind])}
          </span>
        ))}
      </div>
    </section>
  )
}
