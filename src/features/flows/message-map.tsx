'use client'
import { useEffect, useMemo, useRef } from 'react'
import type { MessageEdge, MessageGraph } from '#domain/flow/message-graph.ts'
import { classNames } from '#ui/class-names.ts'
import { MessageNodeShape } from '#features/flows/message-node-shape.tsx'
import { edgeEvidence, edgeLabel, edgeWord } from '#features/flows/message-words.ts'
import type { PlacedEdge, PlacedGraph } from '#features/topology/elk-graph.ts'
import { useDragScroll } from '#features/topology/use-drag-scroll.ts'

interface MessageMapProps {
  readonly graph: MessageGraph
  readonly placed: PlacedGraph
  readonly scale: number
  readonly openRowId: string | null
  readonly onOpen: (rowId: string) => void
}

/** The messages of a flow and those who handled them, from left to right. Moved by scrolling, touch or dragging. */
export function MessageMap({ graph, placed, scale, openRowId, onOpen }: MessageMapProps) {
  const region = useRef<HTMLElement>(null)
  useDragScroll(region)
  useEffect(() => {
    if (openRowId === null) return
    const open = region.current?.querySelector(`[data-row-id="${CSS.escape(openRowId)}"]`)
    open?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [openRowId, placed])
  const nodes = useMemo(
    () =>
      graph.nodes
        .flatMap((node) => {
          const place = placed.nodes.get(node.id)
          return place === undefined ? [] : [{ node, place }]
        })
        .toSorted((left, right) => left.place.x - right.place.x || left.place.y - right.place.y),
    [graph.nodes, placed],
  )
  return (
    <section
      ref={region}
      aria-label="Map of the messages"
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
            id="message-arrow"
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
          return place && <EdgeLine key={edge.id} edge={edge} place={place} />
        })}
        {nodes.map(({ node, place }) => (
          <MessageNodeShape
            key={node.id}
            node={node}
            place={place}
            isOpen={node.rowId !== null && node.rowId === openRowId}
            onOpen={onOpen}
          />
        ))}
      </svg>
    </section>
  )
}

const DASHES: Readonly<Record<MessageEdge['confidence'], string | null>> = {
  certain: null,
  likely: '6 3',
  'one-of': '1.5 3',
}

/** Near enough for the ground under a figure of 11 px. */
const labelWidth = (label: string): number => label.length * 5.8 + 6

function EdgeLine({ edge, place }: { readonly edge: MessageEdge; readonly place: PlacedEdge }) {
  const dash = DASHES[edge.confidence]
  const label = edgeLabel(edge)
  return (
    <g>
      <title>{`${edgeWord(edge)}: ${edgeEvidence(edge)}`}</title>
      <path
        d={place.path}
        fill="none"
        strokeWidth={1.5}
        markerEnd="url(#message-arrow)"
        {...(dash === null ? {} : { strokeDasharray: dash })}
        className={classNames(
          edge.kind === 'dies' ? 'stroke-bad' : edge.kind === 'redrives' ? 'stroke-replay' : 'stroke-ink-3',
        )}
      />
      {label !== null && (
        <>
          <rect
            x={place.middle.x - labelWidth(label) / 2}
            y={place.middle.y - 8}
            width={labelWidth(label)}
            height={16}
            className="fill-panel"
          />
          <text x={place.middle.x} y={place.middle.y + 4} textAnchor="middle" className="fill-ink-2 text-xs">
            {label}
          </text>
        </>
      )}
    </g>
  )
}
