import type { MessageNode } from '#domain/flow/message-graph.ts'
import { classNames } from '#ui/class-names.ts'
import { NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '#ui/graph/elk-graph.ts'
import { GraphNode } from '#ui/graph/graph-node.tsx'
import { shortenName } from '#ui/graph/shorten-name.ts'
import { nodeSentence, nodeTone } from '#features/flows/message-words.ts'

interface MessageNodeShapeProps {
  readonly node: MessageNode
  readonly place: PlacedNode
  readonly isOpen: boolean
  readonly onOpen: (rowId: string) => void
}

/** A message is an envelope: its corner is folded. Work is a box, and both open what the timeline knows of them. */
const FOLD = 11
const ENVELOPE = `M0 4a4 4 0 0 1 4-4H${NODE_WIDTH - FOLD}L${NODE_WIDTH} ${FOLD}V${NODE_HEIGHT - 4}a4 4 0 0 1-4 4H4a4 4 0 0 1-4-4Z`
const CORNER = `M${NODE_WIDTH - FOLD} 0V${FOLD}H${NODE_WIDTH}`

const timelinePath = (rowId: string): string => `?${new URLSearchParams({ tab: 'graph', row: rowId }).toString()}`

/** One box of the message graph. */
export function MessageNodeShape({ node, place, isOpen, onOpen }: MessageNodeShapeProps) {
  const tone = nodeTone(node)
  const isMessage = node.kind === 'message' || node.kind === 'dead-letter'
  return (
    <GraphNode
      place={place}
      opens={node.rowId === null ? null : { id: node.rowId, href: timelinePath(node.rowId) }}
      isOpen={isOpen}
      onOpen={onOpen}
      sentence={nodeSentence(node)}
      name={node.name}
      line={shortenName(node.detail ?? '', tone === null ? 20 : 18)}
      tone={tone}
      {...(isMessage ? { calmLook: 'fill-panel stroke-quiet-bar' } : {})}
      inset={12}
      shape={(look) =>
        isMessage ? (
          <>
            <path d={ENVELOPE} className={look} strokeLinejoin="round" />
            <path d={CORNER} className={classNames(look, 'fill-none')} />
          </>
        ) : (
          <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={8} className={look} />
        )
      }
    />
  )
}
