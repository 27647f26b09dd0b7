'use client'
import { Fragment, useEffect, useMemo, useRef, type ReactNode } from 'react'
import type { LayoutGraph, PlacedEdge, PlacedGraph, PlacedNode } from '#ui/graph/elk-graph.ts'
import { useDragScroll } from '#ui/graph/use-drag-scroll.ts'

/** What a graph looks like: how a node and an edge of it are drawn where they were placed. */
export interface GraphDrawing<Graph extends LayoutGraph> {
  readonly graph: Graph
  /** Names the region for a screen reader. */
  readonly label: string
  /** The node, or rather what it opens, that is brought into sight. */
  readonly openId: string | null
  readonly drawNode: (node: Graph['nodes'][number], place: PlacedNode) => ReactNode
  /** Lines end in {@link GRAPH_ARROW}. */
  readonly drawEdge: (edge: Graph['edges'][number], place: PlacedEdge) => ReactNode
}

const ARROW_ID = 'graph-arrow'
/** The `markerEnd` of an edge. */
export const GRAPH_ARROW = `url(#${ARROW_ID})`

interface GraphPictureProps<Graph extends LayoutGraph> extends GraphDrawing<Graph> {
  readonly placed: PlacedGraph
  readonly scale: number
}

/** A placed graph at a scale. It is moved by scrolling, by touch or by dragging it with the pointer. */
export function GraphPicture<Graph extends LayoutGraph>(props: GraphPictureProps<Graph>) {
  const { graph, placed, scale, label, openId, drawNode, drawEdge } = props
  const region = useRef<HTMLElement>(null)
  useDragScroll(region)
  useEffect(() => {
    if (openId === null) return
    const open = region.current?.querySelector(`[data-row-id="${CSS.escape(openId)}"]`)
    open?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [openId, placed, scale])
  const nodes = useMemo(() => sortForReading(graph.nodes, placed), [graph.nodes, placed])
  return (
    <section
      ref={region}
      aria-label={label}
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
            id={ARROW_ID}
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
        {graph.edges.map((edge: Graph['edges'][number]) => {
          const place = placed.edges.get(edge.id)
          return place && <Fragment key={edge.id}>{drawEdge(edge, place)}</Fragment>
        })}
        {nodes.map(({ node, place }) => (
          <Fragment key={node.id}>{drawNode(node, place)}</Fragment>
        ))}
      </svg>
    </section>
  )
}

/** The tab key walks with the messages: from left to right, from top to bottom. */
function sortForReading<Node extends { readonly id: string }>(nodes: readonly Node[], placed: PlacedGraph) {
  return nodes
    .flatMap((node) => {
      const place = placed.nodes.get(node.id)
      return place === undefined ? [] : [{ node, place }]
    })
    .toSorted((left, right) => left.place.x - right.place.x || left.place.y - right.place.y)
}
