'use client'
import { SparkBars } from '#ui/charts/sparkline.tsx'
import { formatCount, formatShare } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { amplificationTone, formatFactor, type Retries, type TakerAttempts } from '#features/retries/retry-words.ts'

/** Repeated runs per step of the window, with the steps in which nothing happened. */
function againPerStep({ steps }: TakerAttempts, { fromMs, toMs, stepMs }: Retries): readonly number[] {
  const counts = new Map(steps.map(({ atUs, againCount }) => [atUs / 1000, againCount]))
  const firstMs = Math.floor(fromMs / stepMs) * stepMs
  const stepCount = Math.min(120, Math.floor((toMs - firstMs) / stepMs) + 1)
  return Array.from({ length: stepCount }, (_, index) => counts.get(firstMs + index * stepMs) ?? 0)
}

const AGAIN_LABEL = 'Runs of a message that had run before, over the window'

/** The columns for an answer: its window scales the bars. */
export const takerColumns = (answer: Retries): readonly ListColumn<TakerAttempts>[] => [
  {
    id: 'taker',
    header: 'Taken from, by',
    sortBy: ({ destination }) => destination,
    cell: ({ destination, service, consumerGroup, phantomCount, namelessCount }) => (
      <>
        <div className="font-semibold wrap-anywhere-safe">{destination}</div>
        <div className="text-sm text-ink-3 wrap-anywhere-safe">
          by {service}
          {consumerGroup !== null && consumerGroup !== service && `, group ${consumerGroup}`}
          {phantomCount > 0 && ` · ${formatCount(phantomCount)} waits for a retry not counted`}
          {namelessCount > 0 && ` · ${formatCount(namelessCount)} of unknown message`}
        </div>
      </>
    ),
  },
  {
    id: 'amplification',
    header: 'Deliveries per message',
    isNumeric: true,
    className: 'w-28 sm:w-40',
    sortBy: ({ amplification }) => amplification,
    cell: (row) => <StateMark tone={amplificationTone(row)}>{formatFactor(row.amplification)}</StateMark>,
  },
  {
    id: 'again',
    header: 'Repeated over time',
    className: 'hidden w-40 lg:table-cell',
    cell: (row) => <SparkBars label={AGAIN_LABEL} values={againPerStep(row, answer)} className="text-warn" />,
  },
  {
    id: 'messages',
    header: 'Messages',
    isNumeric: true,
    className: 'hidden w-24 sm:table-cell',
    sortBy: ({ messageCount }) => messageCount,
    cell: ({ messageCount }) => formatCount(messageCount),
  },
  {
    id: 'failed',
    header: 'Failed runs',
    isNumeric: true,
    className: 'hidden w-28 md:table-cell',
    sortBy: ({ failedCount, deliveryCount }) => failedCount / Math.max(1, deliveryCount),
    cell: ({ failedCount, deliveryCount }) =>
      failedCount === 0 ? (
        <span className="text-ink-3">0</span>
      ) : (
        `${formatCount(failedCount)} (${formatShare(failedCount / Math.max(1, deliveryCount))})`
      ),
  },
  {
    id: 'retried',
    header: 'Retried',
    isNumeric: true,
    className: 'hidden w-24 md:table-cell',
    sortBy: ({ retriedCount }) => retriedCount,
    cell: ({ retriedCount }) => formatCount(retriedCount),
  },
  {
    id: 'duplicates',
    header: 'Ran again',
    isNumeric: true,
    className: 'hidden w-24 sm:table-cell',
    sortBy: ({ duplicateCount }) => duplicateCount,
    cell: ({ duplicateCount }) => formatCount(duplicateCount),
  },
  {
    id: 'worst',
    header: 'Most runs',
    isNumeric: true,
    className: 'hidden w-24 lg:table-cell',
    sortBy: ({ worstCount }) => worstCount,
    cell: ({ worstCount }) => formatCount(worstCount),
  },
]
