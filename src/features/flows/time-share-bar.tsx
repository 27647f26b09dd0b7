'use client'
import type { FlowOpening } from '#domain/flow/flow-opening.ts'
import type { TimeTotal } from '#domain/flow/thin-shares.ts'
import { SegmentBar } from '#ui/charts/segment-bar.tsx'
import { classNames } from '#ui/class-names.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import { NameList } from '#ui/name-list.tsx'
import { TIME_SHARE_LOOK, TIME_SHARE_ORDER } from '#features/flows/time-share-look.ts'

const inOrder = (totals: readonly TimeTotal[]): readonly TimeTotal[] =>
  TIME_SHARE_ORDER.flatMap((kind) => totals.filter((total) => total.kind === kind))

/** Where the time went, from the first to the last moment, as one bar and in words; and what it was that took so long. */
export function TimeShareBar({ flow }: { readonly flow: FlowOpening }) {
  const totals = inOrder(flow.timeTotals)
  if (totals.length === 0) return null
  return (
    <section aria-label="Where the time went" className="mb-3">
      <SegmentBar
        label={totals
          .map((total) => `${TIME_SHARE_LOOK[total.kind].word} ${formatDurationUs(total.durationUs)}`)
          .join(', ')}
        height={16}
        segments={flow.timeShares.map((share) => ({
          id: `${share.kind}-${share.startUs}`,
          label: `${TIME_SHARE_LOOK[share.kind].word} ${formatDurationUs(share.durationUs)}`,
          size: share.durationUs,
          className: TIME_SHARE_LOOK[share.kind].className,
        }))}
      />
      <div className="mt-1.5 flex flex-wrap items-center gap-x-5 gap-y-1 text-ink-2">
        {totals.map((total) => (
          <span key={total.kind} className="inline-flex items-center gap-1.5">
            <span
              aria-hidden="true"
              className={classNames('inline-block h-2.5 w-3.5 rounded-xs', TIME_SHARE_LOOK[total.kind].className)}
            />
            {TIME_SHARE_LOOK[total.kind].word} {formatDurationUs(total.durationUs)}
          </span>
        ))}
      </div>
      {flow.criticalPath.length > 0 && <CriticalLine flow={flow} />}
    </section>
  )
}

/** More names than this are a list and not a sentence. */
const MOST_NAMES = 14

/** The chain that decided how long it took, and its own sum; the timeline underlines it. */
function CriticalLine({ flow }: { readonly flow: FlowOpening }) {
  const { criticalPath } = flow
  const isLong = criticalPath.length > MOST_NAMES
  const names = isLong
    ? [...criticalPath.slice(0, MOST_NAMES / 2), '…', ...criticalPath.slice(-MOST_NAMES / 2)]
    : criticalPath
  const sums = inOrder(flow.criticalTotals).map(
    (total) =>
      `${formatDurationUs(total.durationUs)} ${total.kind === 'idle' ? 'between' : TIME_SHARE_LOOK[total.kind].word}`,
  )
  return (
    <p className="mt-1 text-ink-3 wrap-anywhere-safe">
      <span aria-hidden="true" className="mr-1.5 mb-1 inline-block h-[2px] w-3.5 rounded-xs bg-ink" />
      Critical path:{' '}
      <b className="text-ink">
        <NameList names={names} separator=" → " />
      </b>
      {isLong && ` (${criticalPath.length} steps)`}
      {sums.length > 0 && ` · ${sums.join(' + ')}`}
    </p>
  )
}
