'use client'
import { useQuery } from '@tanstack/react-query'
import type { TimelineRow } from '#domain/flow/flow.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatClockMs } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'

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

interface SpanTableProps {
  readonly asked: string
  readonly openId: string | null
  readonly onOpen: (rowId: string | null) => void
}

/** The spans as a list that can be sorted: which one took longest? */
export function SpanTable({ asked, openId, onOpen }: SpanTableProps) {
  const trpc = useTRPC()
  const spans = useQuery({ ...trpc.flow.spans.queryOptions({ flowKey: asked }), refetchInterval: 10_000 })
  return (
    <Fetched query={spans} skeleton={<SkeletonRows count={8} label="the spans" />}>
      {({ rows, spanCount }) =>
        rows.length === 0 ? (
          <EmptyState title="No spans">Nothing of this flow was traced, or it is past retention.</EmptyState>
        ) : (
          <>
            <Card isFlush>
              <ListTable
                label="Spans"
                columns={COLUMNS}
                rows={rows}
                rowId={(row) => row.id}
                openId={openId}
                onOpen={(row) => onOpen(row.id)}
                onClose={() => onOpen(null)}
                hasPageKeys
              />
            </Card>
            {spanCount > rows.length && (
              <p className="mt-2 text-sm text-ink-3">
                The {formatCount(rows.length)} longest of {formatCount(spanCount)}; the timeline has all.
              </p>
            )}
          </>
        )
      }
    </Fetched>
  )
}
