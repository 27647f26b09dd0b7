import type { MessageEdge, MessageGraph, MessageNode } from '#domain/flow/message-graph.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import type { ListColumn } from '#ui/table/list-column.ts'
import { edgeEvidence, edgeWord } from '#features/flows/message-words.ts'

/** One step of a message with what stands at its ends. */
export interface MessageEdgeRow {
  readonly edge: MessageEdge
  readonly from: MessageNode
  readonly to: MessageNode
  readonly rowId: string | null
}

/** The edges in order of time. */
export function edgeRows({ nodes, edges }: MessageGraph): readonly MessageEdgeRow[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return edges
    .flatMap((edge) => {
      const from = byId.get(edge.fromId)
      const to = byId.get(edge.toId)
      return from === undefined || to === undefined ? [] : [{ edge, from, to, rowId: to.rowId ?? from.rowId }]
    })
    .toSorted((a, b) => a.to.atUs - b.to.atUs || a.from.atUs - b.from.atUs)
}

function NodeCell({ node }: { readonly node: MessageNode }) {
  return (
    <div className="line-clamp-2 wrap-anywhere-safe" title={node.name}>
      {node.name}
      {node.detail !== null && <div className="text-sm text-ink-3">{node.detail}</div>}
    </div>
  )
}

export const EDGE_COLUMNS: readonly ListColumn<MessageEdgeRow>[] = [
  { id: 'from', header: 'From', cell: ({ from }) => <NodeCell node={from} /> },
  { id: 'what', header: 'Was', className: 'w-24', cell: ({ edge }) => edgeWord(edge) },
  { id: 'to', header: 'To', cell: ({ to }) => <NodeCell node={to} /> },
  {
    id: 'group',
    header: 'Group',
    className: 'hidden @3xl:table-cell',
    cell: ({ edge }) => edge.group ?? <span className="text-ink-3">—</span>,
  },
  {
    id: 'attempt',
    header: 'Attempt',
    isNumeric: true,
    className: 'hidden w-20 @2xl:table-cell',
    cell: ({ edge }) => edge.attempt ?? <span className="text-ink-3">—</span>,
  },
  {
    id: 'dwell',
    header: 'In queue',
    isNumeric: true,
    className: 'hidden w-24 @lg:table-cell',
    cell: ({ edge }) => formatDurationUs(edge.dwellUs),
  },
  {
    id: 'evidence',
    header: 'How it is known',
    className: 'hidden @lg:table-cell',
    cell: ({ edge }) => <span className="text-ink-2">{edgeEvidence(edge)}</span>,
  },
]
