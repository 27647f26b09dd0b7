'use client'
import { SegmentBar, type Segment } from '#ui/charts/segment-bar.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatClock } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { Tone } from '#ui/tone.ts'
import { countsOf, remainingMs, type OperationDetail, type ShownCounts } from '#features/operations/operation-counts.ts'

interface Part {
  readonly id: string
  readonly count: number
  readonly word: string
  readonly tone: Tone
  readonly className: string
}

function discardParts(counts: ShownCounts): readonly Part[] {
  return [
    { id: 'processed', count: counts.confirmed, word: 'discarded', tone: 'ok', className: 'bg-ok' },
    { id: 'failed', count: counts.failed, word: 'could not be kept', tone: 'bad', className: 'hatch-parked' },
    { id: 'skipped', count: counts.skipped, word: 'left out', tone: 'unknown', className: 'bg-quiet-bar' },
  ]
}

function redriveParts(counts: ShownCounts): readonly Part[] {
  return [
    { id: 'processed', count: counts.processed, word: 'processed', tone: 'ok', className: 'bg-ok' },
    { id: 'failed-again', count: counts.failedAgain, word: 'failed again', tone: 'bad', className: 'bg-bad' },
    { id: 'not-seen', count: counts.notSeen, word: 'not seen', tone: 'warn', className: 'bg-warn' },
    { id: 'awaited', count: counts.awaited, word: 'sent, outcome awaited', tone: 'active', className: 'bg-replay' },
    { id: 'failed', count: counts.failed, word: 'could not be sent', tone: 'bad', className: 'hatch-parked' },
    {
      id: 'skipped',
      count: counts.skipped + counts.quarantined,
      word: 'left out',
      tone: 'unknown',
      className: 'bg-quiet-bar',
    },
  ]
}

/** How far it is, by what became of each message, and the sum that always holds. */
export function OperationProgress({ operation }: { readonly operation: OperationDetail }) {
  const counts = countsOf(operation.progress)
  const isDiscard = operation.kind === 'discard'
  const shown = (isDiscard ? discardParts : redriveParts)(counts).filter(
    (part) => part.count > 0 || part.id === 'processed',
  )
  const segments: readonly Segment[] = shown.map((part) => ({
    id: part.id,
    label: `${formatCount(part.count)} ${part.word}`,
    size: part.count,
    className: part.className,
  }))
  const leftMs = remainingMs(counts, operation.progress.ratePerSecond)
  return (
    <section aria-label="Progress">
      <SegmentBar
        label={`${formatCount(counts.confirmed)} of ${formatCount(counts.selected)} ${isDiscard ? 'discarded' : 'sent'}`}
        segments={segments}
        total={Math.max(1, counts.selected)}
        height={14}
      />
      <div className="mt-2 flex flex-wrap items-center gap-x-5 gap-y-1">
        {shown.map((part) => (
          <StateMark key={part.id} tone={part.tone} isQuiet>
            {formatCount(part.count)} {part.word}
          </StateMark>
        ))}
        <span className="text-ink-3">
          {formatCount(counts.remaining)} to go
          {leftMs !== null &&
            ` · ${isDiscard ? 'done' : 'sent'} in about ${formatDuration(leftMs)}, at ${formatClock(operation.nowMs + leftMs)}`}
        </span>
      </div>
      <p className="mt-1 text-sm text-ink-3">
        {formatCount(counts.selected)} selected = {formatCount(counts.confirmed)} confirmed +{' '}
        {formatCount(counts.skipped + counts.quarantined)} left out + {formatCount(counts.failed)} failed +{' '}
        {formatCount(counts.remaining)} remaining
      </p>
    </section>
  )
}
