'use client'
import type { MessageEdge, MessageGraph } from '#domain/flow/message-graph.ts'
import { classNames } from '#ui/class-names.ts'
import type { PlacedEdge } from '#ui/graph/elk-graph.ts'
import { GraphCanvas } from '#ui/graph/graph-canvas.tsx'
import { GRAPH_ARROW } from '#ui/graph/graph-picture.tsx'
import { MessageNodeShape } from '#features/flows/message-node-shape.tsx'
import { edgeEvidence, edgeLabel, edgeWord } from '#features/flows/message-words.ts'

interface MessageMapProps {
  readonly graph: MessageGraph
  readonly openRowId: string | null
  readonly onOpen: (rowId: string) => void
  readonly className: string
}

/** The messages of a flow and those who handled them, from left to right. */
export function MessageMap({ graph, openRowId, onOpen, className }: MessageMapProps) {
  return (
    <GraphCanvas
      className={className}
      graph={graph}
      label="Map of the messages"
      openId={openRowId}
      drawEdge={(edge, place) => <EdgeLine edge={edge} place={place} />}
      drawNode={(node, place) => (
        <MessageNodeShape
          node={node}
          place={place}
          isOpen={node.rowId !== null && node.rowId === openRowId}
          onOpen={onOpen}
        />
      )}
    />
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
        markerEnd={GRAPH_ARROW}
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
