'use client'
import { useMemo } from 'react'
import type { Flow, TimelineRow } from '#domain/flow/flow.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatClockMs } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'

const COLUMNS: readonly ListColumn<TimelineRow>[] = [
  { id: 'service', header: 'Service', sortBy: (row) => row.service, cell: (row) => row.service },
  {
    id: 'label',
    header: 'Did',
    cell: (row) => (
      <>
        <span className="wrap-anywhere-safe">{row.label}</span>
        {row.note !== null && <div className="text-sm text-ink-3 wrap-anywhere-safe">{row.note}</div>}
      </>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    className: 'w-24',
    cell: (row) => (
      <StateMark tone={row.tone === 'bad' ? 'bad' : 'ok'} isQuiet>
        {row.tone === 'bad' ? 'Error' : 'OK'}
      </StateMark>
    ),
  },
  {
    id: 'start',
    header: 'Began',
    isNumeric: true,
    className: 'hidden w-32 @lg:table-cell',
    sortBy: (row) => row.startUs,
    cell: (row) => <span className="text-ink-2">{formatClockMs(row.startUs / 1000)}</span>,
  },
  {
    id: 'duration',
    header: 'Took',
    isNumeric: true,
    className: 'w-24',
    sortBy: (row) => row.durationUs,
    cell: (row) => formatDurationUs(row.durationUs),
  },
]

/** A table of everything would be slower to draw than to read; the timeline has all of them. */
const MOST_SHOWN = 500

interface SpanTableProps {
  readonly flow: Flow
  readonly openId: string | null
  readonly onOpen: (rowId: string | null) => void
}

/** The spans as a list that can be sorted: which one took longest? */
export function SpanTable({ flow, openId, onOpen }: SpanTableProps) {
  const spans = useMemo(() => flow.rows.filter((row) => row.kind === 'span'), [flow.rows])
  const longest = useMemo(
    () =>
      spans.length <= MOST_SHOWN ? spans : spans.toSorted((a, b) => b.durationUs - a.durationUs).slice(0, MOST_SHOWN),
    [spans],
  )
  if (spans.length === 0)
    return <EmptyState title="No spans">Nothing of this flow was traced, or it is past retention.</EmptyState>
  return (
    <>
      <Card isFlush>
        <ListTable
          label="Spans"
          columns={COLUMNS}
          rows={longest}
          rowId={(row) => row.id}
          openId={openId}
          onOpen={(row) => onOpen(row.id)}
          onClose={() => onOpen(null)}
          hasPageKeys
        />
      </Card>
      {spans.length > MOST_SHOWN && (
        <p className="mt-2 text-sm text-ink-3">
          The {formatCount(MOST_SHOWN)} longest of {formatCount(spans.length)}; the timeline has all.
        </p>
      )}
    </>
  )
}
