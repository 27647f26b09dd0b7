import { NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '#ui/graph/elk-graph.ts'
import { GraphNode } from '#ui/graph/graph-node.tsx'
import { nodeLine, nodeSentence, nodeState } from '#features/topology/node-words.ts'
import { topologyPath } from '#features/topology/topology-path.ts'
import type { MapNode } from '#features/topology/topology-graph.ts'

interface MapNodeProps {
  readonly node: MapNode
  readonly place: PlacedNode
  readonly isOpen: boolean
  readonly isPresent: boolean
  readonly nowMs: number
  readonly onOpen: (id: string) => void
}

/** How far the ends of a destination point outwards. */
const POINT = 9
const HEXAGON = `M${POINT} 0H${NODE_WIDTH - POINT}L${NODE_WIDTH} ${NODE_HEIGHT / 2}L${NODE_WIDTH - POINT} ${NODE_HEIGHT}H${POINT}L0 ${NODE_HEIGHT / 2}Z`

/** A service is a rounded box, a destination a hexagon; a group that only the broker knows has a dashed frame. */
export function MapNodeShape({ node, place, isOpen, isPresent, nowMs, onOpen }: MapNodeProps) {
  const isDestination = node.kind === 'destination' || node.kind === 'dead-letters'
  return (
    <GraphNode
      place={place}
      opens={{ id: node.id, href: topologyPath(node.id) }}
      isOpen={isOpen}
      onOpen={onOpen}
      sentence={nodeSentence(node, isPresent, nowMs)}
      name={node.name}
      line={nodeLine(node, isPresent, nowMs)}
      tone={nodeState(node, isPresent)?.tone ?? null}
      {...(isDestination ? { calmLook: 'fill-panel stroke-quiet-bar' } : {})}
      inset={16}
      shape={(look) =>
        isDestination ? (
          <path d={HEXAGON} className={look} strokeLinejoin="round" />
        ) : (
          <rect
            width={NODE_WIDTH}
            height={NODE_HEIGHT}
            rx={8}
            className={look}
            {...(node.kind === 'group' ? { strokeDasharray: '4 3' } : {})}
          />
        )
      }
    />
  )
}
