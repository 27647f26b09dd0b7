'use client'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { type ComparedStep, differenceWords, type StepFigures } from '#features/compare/compare-words.ts'

/** The path, and what both sides did at each step of it. `isCohort`: sides are many flows, so that quantiles are shown. */
export const stepColumns = (isCohort: boolean): readonly ListColumn<ComparedStep>[] => [
  {
    id: 'step',
    header: 'Step',
    className: 'min-w-28',
    cell: ({ sender, destination, receiver, differences }) => (
      <>
        <div className="font-semibold wrap-anywhere-safe">{destination}</div>
        <div className="text-sm text-ink-3 wrap-anywhere-safe">
          {sender ?? 'unknown'} → {receiver ?? 'not taken'}
        </div>
        <div className="mt-1 sm:hidden">
          <Differences differences={differences} />
        </div>
      </>
    ),
  },
  {
    id: 'difference',
    header: 'On the right',
    className: 'hidden w-44 sm:table-cell',
    cell: ({ differences }) => <Differences differences={differences} />,
  },
  { id: 'left', header: 'Left', cell: ({ left }) => <Figures figures={left} isCohort={isCohort} /> },
  { id: 'right', header: 'Right', cell: ({ right }) => <Figures figures={right} isCohort={isCohort} /> },
]

function Differences({ differences }: Pick<ComparedStep, 'differences'>) {
  if (differences.length === 0) return <span className="text-ink-3">alike</span>
  return (
    <div className="flex flex-col items-start gap-1">
      {differences.map((difference) => (
        <StateMark key={difference} tone={differenceWords(difference).tone}>
          {differenceWords(difference).word}
        </StateMark>
      ))}
    </div>
  )
}

function Figures({ figures, isCohort }: { readonly figures: StepFigures | null; readonly isCohort: boolean }) {
  if (figures === null) return <span className="text-ink-3">does not go here</span>
  const { flowCount, deliveryCount, failedCount, deadLetteredCount, dwell, processing } = figures
  const spread = ({ p50Us, p95Us }: StepFigures['dwell']) =>
    p50Us === null
      ? 'not known'
      : isCohort || deliveryCount > 1
        ? `${formatDurationUs(p50Us)} p50, ${formatDurationUs(p95Us)} p95`
        : formatDurationUs(p50Us)
  return (
    <div className="text-sm">
      <div>
        <span className="text-ink-3">in queue</span> {spread(dwell)}
      </div>
      <div>
        <span className="text-ink-3">processing</span> {spread(processing)}
      </div>
      <div className="text-ink-3">
        {formatPlural(deliveryCount, 'delivery', 'deliveries')}
        {isCohort && ` in ${formatPlural(flowCount, 'flow')}`}
        {failedCount > 0 && <span className="text-bad">, {formatCount(failedCount)} failed</span>}
        {deadLetteredCount > 0 && <span className="text-bad">, {formatCount(deadLetteredCount)} dead-lettered</span>}
      </div>
    </div>
  )
}
