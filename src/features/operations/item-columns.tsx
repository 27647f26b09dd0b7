'use client'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { itemWords, outcomeWords } from '#features/operations/operation-words.ts'

type Item = RouterOutputs['operation']['items']['items'][number]

const Mono = ({ text }: { readonly text: string }) => (
  <span className="font-mono text-sm text-ink-2 wrap-anywhere-safe">{text}</span>
)

/** The columns of the ledger; a discard sends nothing, so it has neither target nor outcome. */
export const itemColumns = (kind: OperationKind): readonly ListColumn<Item>[] => {
  if (kind === 'redrive') return COLUMNS
  if (kind === 'import') return COLUMNS.map((column) => (column.id === 'source' ? LINE : column))
  return COLUMNS.filter((column) => column.id !== 'to').map((column) =>
    column.id === 'outcome' ? DISCARD_STATE : column,
  )
}

const COLUMNS: readonly ListColumn<Item>[] = [
  { id: 'ordinal', header: '#', className: 'w-14', cell: (item) => <span className="text-ink-3">{item.ordinal}</span> },
  {
    id: 'source',
    header: 'Dead letter',
    className: 'hidden @2xl:table-cell',
    cell: (item) => <Mono text={item.sourcePosition} />,
  },
  {
    id: 'flow',
    header: 'Flow',
    cell: (item) => {
      const key = item.correlationId ?? item.traceId
      return key === null ? (
        <span className="text-ink-3">—</span>
      ) : (
        <span className="wrap-anywhere-safe">
          <TextLink href={flowPath(key)} isMono>
            {key}
          </TextLink>
        </span>
      )
    },
  },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: (item) => {
      const words = item.outcome === 'unknown' ? itemWords(item.state, 'redrive') : outcomeWords(item.outcome)
      return <StateMark tone={words.tone}>{words.word}</StateMark>
    },
  },
  {
    id: 'sent',
    header: 'Done',
    className: 'hidden w-28 @lg:table-cell',
    cell: (item) =>
      item.confirmedAtMs === null ? (
        <span className="text-ink-3">—</span>
      ) : (
        <span className="text-ink-2">
          <MomentText atMs={item.confirmedAtMs} />
        </span>
      ),
  },
  {
    id: 'to',
    header: 'To',
    className: 'hidden @4xl:table-cell',
    cell: (item) => <Mono text={`${item.targetDestination} ${item.targetPosition ?? ''}`} />,
  },
  { id: 'evidence', header: 'Evidence', className: 'hidden @2xl:table-cell', cell: (item) => <Evidence item={item} /> },
]

/** The position of an item of a file is its line. */
const LINE: ListColumn<Item> = {
  id: 'source',
  header: 'Line',
  className: 'hidden @2xl:table-cell',
  cell: (item) => <Mono text={item.sourcePosition.replace(/^@/, '')} />,
}

const DISCARD_STATE: ListColumn<Item> = {
  id: 'outcome',
  header: 'State',
  cell: (item) => {
    const words = itemWords(item.state, 'discard')
    return <StateMark tone={words.tone}>{words.word}</StateMark>
  },
}

function Evidence({ item }: { readonly item: Item }) {
  const tookMs = item.outcomeAtMs === null || item.confirmedAtMs === null ? null : item.outcomeAtMs - item.confirmedAtMs
  return (
    <span className="text-ink-2 wrap-anywhere-safe">
      {tookMs !== null && tookMs >= 0 && `${formatDuration(tookMs)} `}
      {item.outcomeEvidence ?? item.reason ?? ''}
      {item.sendCount > 1 && <span className="text-warn"> sent {item.sendCount} times, marked as duplicates</span>}
    </span>
  )
}
