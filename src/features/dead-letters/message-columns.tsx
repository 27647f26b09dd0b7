'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatBytes, formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'

export type DeadLetterRow = RouterOutputs['deadLetter']['list']['deadLetters'][number]

export const MESSAGE_COLUMNS: readonly ListColumn<DeadLetterRow>[] = [
  {
    id: 'died',
    header: 'Died',
    className: 'w-28',
    cell: (row) => (
      <span className="text-ink-2">
        <MomentText atMs={row.deadAtMs} />
      </span>
    ),
  },
  {
    id: 'correlation',
    header: 'Flow',
    cell: (row) => {
      const key = row.correlationId ?? row.traceId
      if (key === null) return <span className="text-ink-3">no id in its headers</span>
      return (
        <span className="wrap-anywhere-safe">
          <TextLink href={flowPath(key)} isMono>
            {key}
          </TextLink>
        </span>
      )
    },
  },
  {
    id: 'position',
    header: 'Position',
    className: 'hidden @2xl:table-cell',
    cell: (row) => (
      <span className="font-mono text-sm text-ink-2 wrap-anywhere-safe">
        {row.destination} {row.position}
      </span>
    ),
  },
  {
    id: 'origin',
    header: 'Came from',
    className: 'hidden @4xl:table-cell',
    cell: (row) => (
      <span className="font-mono text-sm text-ink-2 wrap-anywhere-safe">
        {row.originDestination === null ? '—' : `${row.originDestination} ${row.originPosition ?? ''}`}
      </span>
    ),
  },
  {
    id: 'attempts',
    header: 'Attempts',
    isNumeric: true,
    className: 'hidden w-20 @lg:table-cell',
    cell: (row) => formatCount(row.attempts),
  },
  {
    id: 'redriven',
    header: 'Redriven',
    isNumeric: true,
    className: 'hidden w-20 @4xl:table-cell',
    cell: (row) => (row.redriveCount === 0 ? <span className="text-ink-3">never</span> : `${row.redriveCount}×`),
  },
  {
    id: 'size',
    header: 'Size',
    isNumeric: true,
    className: 'hidden w-20 @lg:table-cell',
    cell: (row) => formatBytes(row.payloadBytes),
  },
]
