'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatRate } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { describeWork, operationName, operationWords } from '#features/operations/operation-words.ts'

export type OperationRow = RouterOutputs['operation']['list']['operations'][number]

export const OPERATION_COLUMNS: readonly ListColumn<OperationRow>[] = [
  {
    id: 'state',
    header: 'State',
    className: 'w-28',
    cell: (row) => {
      const { word, tone } = operationWords(row.state, row.intent, row.kind)
      return <StateMark tone={tone}>{word}</StateMark>
    },
  },
  {
    id: 'operation',
    header: 'Operation',
    cell: (row) => (
      <div className="min-w-40">
        <TextLink href={operationPath(row.id)}>
          <span className="font-semibold">{operationName(row.number)}</span>
        </TextLink>{' '}
        <span className="text-ink-2 wrap-anywhere-safe">{describeWork(row)}</span>
        <div className="text-sm text-ink-3 wrap-anywhere-safe">“{row.reason}”</div>
        {row.stateReason !== null && <div className="text-sm text-ink-2 wrap-anywhere-safe">{row.stateReason}</div>}
      </div>
    ),
  },
  {
    id: 'items',
    header: 'Messages',
    isNumeric: true,
    className: 'hidden w-24 @lg:table-cell',
    cell: (row) => formatCount(row.itemCount),
  },
  {
    id: 'rate',
    header: 'Cap',
    isNumeric: true,
    className: 'hidden w-20 @2xl:table-cell',
    cell: (row) => formatRate(row.ratePerSecond),
  },
  { id: 'by', header: 'By', className: 'hidden w-28 @2xl:table-cell', cell: (row) => row.createdByName },
  {
    id: 'created',
    header: 'Asked',
    className: 'hidden w-32 @lg:table-cell',
    cell: (row) => (
      <span className="text-ink-2">
        <MomentText atMs={row.createdAtMs} />
      </span>
    ),
  },
  {
    id: 'took',
    header: 'Took',
    isNumeric: true,
    className: 'hidden w-24 @4xl:table-cell',
    cell: (row) =>
      row.startedAtMs === null || row.finishedAtMs === null ? (
        <span className="text-ink-3">—</span>
      ) : (
        formatDuration(row.finishedAtMs - row.startedAtMs)
      ),
  },
]
