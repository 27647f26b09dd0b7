'use client'
import type { Hop } from '#domain/flow/flow.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import { confidenceWords } from '#features/flows/delivery-words.ts'
import { evidenceWords, hopWords } from '#features/flows/flow-words.ts'

/** `orders p3 @ 88120417`, as far as it is known. */
export function hopPlace(hop: Hop): string {
  const lane = hop.partition === null ? '' : ` p${hop.partition}`
  return hop.offset === null ? lane.trim() : `${lane} @ ${hop.offset}`.trim()
}

const COLUMNS: readonly ListColumn<Hop>[] = [
  {
    id: 'outcome',
    header: 'Outcome',
    className: 'w-32',
    cell: (hop) => <StateMark tone={hopWords(hop.outcome).tone}>{hopWords(hop.outcome).word}</StateMark>,
  },
  {
    id: 'destination',
    header: 'Through',
    cell: (hop) => (
      <>
        <div className="wrap-anywhere-safe">{hop.destination}</div>
        <div className="font-mono text-sm text-ink-3">{hopPlace(hop)}</div>
      </>
    ),
  },
  {
    id: 'from',
    header: 'From',
    className: 'hidden @lg:table-cell',
    cell: (hop) => hop.sender?.service ?? <span className="text-ink-3">not seen</span>,
  },
  {
    id: 'to',
    header: 'To',
    cell: (hop) => (
      <>
        <div>{hop.receiver?.service ?? <span className="text-ink-3">nobody yet</span>}</div>
        {hop.attribution !== null && (
          <div className="text-sm text-ink-3" title={hop.attribution.evidence}>
            {hop.attribution.group === null ? 'group not known' : `group ${hop.attribution.group}`}
            {hop.attribution.confidence !== 'said' &&
              hop.attribution.group !== null &&
              ` · ${confidenceWords(hop.attribution.confidence)}`}
          </div>
        )}
      </>
    ),
  },
  {
    id: 'attempt',
    header: 'Attempt',
    isNumeric: true,
    className: 'hidden w-20 @2xl:table-cell',
    cell: (hop) => hop.attempt ?? <span className="text-ink-3">—</span>,
  },
  {
    id: 'dwell',
    header: 'In queue',
    isNumeric: true,
    className: 'w-24',
    sortBy: (hop) => hop.dwellUs ?? -1,
    cell: (hop) => (
      <span
        className={hop.isSkewed ? 'text-warn' : undefined}
        title={hop.isSkewed ? 'The clocks of sender and receiver disagree' : undefined}
      >
        {formatDurationUs(hop.dwellUs)}
      </span>
    ),
  },
  {
    id: 'work',
    header: 'Worked on',
    isNumeric: true,
    className: 'hidden w-24 @lg:table-cell',
    cell: (hop) =>
      formatDurationUs(hop.receivedUs === null || hop.settledUs === null ? null : hop.settledUs - hop.receivedUs),
  },
  {
    id: 'joined',
    header: 'Joined by',
    className: 'hidden @4xl:table-cell',
    cell: (hop) => <span className="text-ink-2">{evidenceWords(hop.joinedBy)}</span>,
  },
]

/** One row per delivery. */
export function HopTable({ hops }: { readonly hops: readonly Hop[] }) {
  return (
    <Card isFlush>
      {hops.length === 0 ? (
        <EmptyState title="No hops">No message of this flow was seen leaving or arriving.</EmptyState>
      ) : (
        <ListTable label="Hops" columns={COLUMNS} rows={hops} rowId={(hop) => hop.id} />
      )}
    </Card>
  )
}
