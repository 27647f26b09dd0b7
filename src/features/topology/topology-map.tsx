'use client'
import { GraphCanvas } from '#ui/graph/graph-canvas.tsx'
import { MapEdgeLine } from '#features/topology/map-edge.tsx'
import { MapNodeShape } from '#features/topology/map-node.tsx'
import type { TopologyGraph } from '#features/topology/topology-graph.ts'

interface TopologyMapProps {
  readonly graph: TopologyGraph
  readonly openId: string | null
  readonly isPresent: boolean
  readonly nowMs: number
  readonly onOpen: (id: string) => void
  readonly className: string
  readonly isCompact?: boolean
}

/** Who sends where and who takes what, from left to right. */
export function TopologyMap({ graph, openId, isPresent, nowMs, onOpen, ...frame }: TopologyMapProps) {
  return (
    <GraphCanvas
      {...frame}
      graph={graph}
      label="Map of services and destinations"
      openId={openId}
      drawEdge={(edge, place) => <MapEdgeLine edge={edge} place={place} isPresent={isPresent} />}
      drawNode={(node, place) => (
        <MapNodeShape
          node={node}
          place={place}
          isOpen={node.id === openId}
          isPresent={isPresent}
          nowMs={nowMs}
          onOpen={onOpen}
        />
      )}
    />
  )
}
