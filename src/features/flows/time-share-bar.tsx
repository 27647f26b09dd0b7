'use client'
import type { Flow, TimeShare } from '#domain/flow/flow.ts'
import { SegmentBar } from '#ui/charts/segment-bar.tsx'
import { classNames } from '#ui/class-names.ts'
import { formatDurationUs } from '#ui/format/duration.ts'

type Kind = TimeShare['kind']

const LOOK: Readonly<Record<Kind, { readonly word: string; readonly className: string }>> = {
  processing: { word: 'processing', className: 'bg-accent' },
  queue: { word: 'in queue', className: 'hatch-queue' },
  'back-off': { word: 'retry back-off', className: 'bg-backoff' },
  parked: { word: 'parked as a dead letter', className: 'hatch-parked' },
  idle: { word: 'nothing known', className: 'bg-line' },
}

const ORDER: readonly Kind[] = ['processing', 'queue', 'back-off', 'parked', 'idle']

/** Where the time went, from the first to the last moment, as one bar and in words. */
export function TimeShareBar({ flow }: { readonly flow: Flow }) {
  const totals = ORDER.map((kind) => ({
    kind,
    durationUs: flow.timeShares.reduce((sum, share) => sum + (share.kind === kind ? share.durationUs : 0), 0),
  })).filter((total) => total.durationUs > 0)
  if (totals.length === 0) return null
  return (
    <section aria-label="Where the time went" className="mb-3">
      <SegmentBar
        label={totals.map((total) => `${LOOK[total.kind].word} ${formatDurationUs(total.durationUs)}`).join(', ')}
        height={16}
        segments={flow.timeShares.map((share) => ({
          id: `${share.kind}-${share.startUs}`,
          label: `${LOOK[share.kind].word} ${formatDurationUs(share.durationUs)}`,
          size: share.durationUs,
          className: LOOK[share.kind].className,
        }))}
      />
      <div className="mt-1.5 flex flex-wrap items-center gap-x-5 gap-y-1 text-ink-2">
        {totals.map((total) => (
          <span key={total.kind} className="inline-flex items-center gap-1.5">
            <span
              aria-hidden="true"
              className={classNames('inline-block h-2.5 w-3.5 rounded-xs', LOOK[total.kind].className)}
            />
            {LOOK[total.kind].word} {formatDurationUs(total.durationUs)}
          </span>
        ))}
        {flow.criticalPath.length > 0 && (
          <span className="min-w-0 text-ink-3 wrap-anywhere-safe sm:ml-auto">
            Critical path: <b className="text-ink">{flow.criticalPath.join(' → ')}</b>
          </span>
        )}
      </div>
    </section>
  )
}
