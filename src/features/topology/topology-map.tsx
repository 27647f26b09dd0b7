'use client'
import { useEffect, useMemo, useRef } from 'react'
import type { PlacedGraph } from '#features/topology/elk-graph.ts'
import { MapEdgeLine } from '#features/topology/map-edge.tsx'
import { MapNodeShape } from '#features/topology/map-node.tsx'
import type { TopologyGraph } from '#features/topology/topology-graph.ts'
import { useDragScroll } from '#features/topology/use-drag-scroll.ts'

interface TopologyMapProps {
  readonly graph: TopologyGraph
  readonly placed: PlacedGraph
  readonly scale: number
  readonly openId: string | null
  readonly isPresent: boolean
  readonly nowMs: number
  readonly onOpen: (id: string) => void
}

/** The map at a scale. It is moved by scrolling, by touch or by dragging it with the pointer. */
export function TopologyMap({ graph, placed, scale, openId, isPresent, nowMs, onOpen }: TopologyMapProps) {
  const region = useRef<HTMLElement>(null)
  useDragScroll(region)
  useEffect(() => {
    if (openId === null) return
    const open = region.current?.querySelector(`[data-row-id="${CSS.escape(openId)}"]`)
    open?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [openId, placed, scale])
  const nodes = useMemo(() => sortForReading(graph, placed), [graph, placed])
  return (
    <section
      ref={region}
      aria-label="Map of services and destinations"
      className="flex h-full cursor-grab overflow-auto select-none -outline-offset-2 active:cursor-grabbing"
    >
      <svg
        width={placed.width * scale}
        height={placed.height * scale}
        viewBox={`0 0 ${placed.width} ${placed.height}`}
        className="m-auto shrink-0"
      >
        <defs>
          <marker
            id="topology-arrow"
            viewBox="0 0 6 6"
            refX={5.5}
            refY={3}
            markerWidth={6}
            markerHeight={6}
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0.5L6 3L0 5.5z" className="fill-ink-3" />
          </marker>
        </defs>
        {graph.edges.map((edge) => {
          const place = placed.edges.get(edge.id)
          return place && <MapEdgeLine key={edge.id} edge={edge} place={place} isPresent={isPresent} />
        })}
        {nodes.map(({ node, place }) => (
          <MapNodeShape
            key={node.id}
            node={node}
            place={place}
            isOpen={node.id === openId}
            isPresent={isPresent}
            nowMs={nowMs}
            onOpen={onOpen}
          />
        ))}
      </svg>
    </section>
  )
}

/** The tab key walks with the messages: from left to right, from top to bottom. */
function sortForReading(graph: TopologyGraph, placed: PlacedGraph) {
  return graph.nodes
    .flatMap((node) => {
      const place = placed.nodes.get(node.id)
      return place === undefined ? [] : [{ node, place }]
    })
    .toSorted((left, right) => left.place.x - right.place.x || left.place.y - right.place.y)
}
