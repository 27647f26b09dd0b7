import { classNames } from '#ui/class-names.ts'
import { StateShape } from '#ui/state-shape.tsx'
import { TONE_TEXT, type Tone } from '#ui/tone.ts'
import { NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '#features/topology/elk-graph.ts'
import { nodeLine, nodeSentence, nodeState, shortenName } from '#features/topology/node-words.ts'
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

/** Frame and ground of a node in a state; a healthy one keeps to hairlines. */
const LOOK: Readonly<Record<Tone, string>> = {
  ok: 'fill-panel-2 stroke-line',
  warn: 'fill-warn-weak stroke-warn',
  bad: 'fill-bad-weak stroke-bad',
  paused: 'fill-pause-weak stroke-pause',
  active: 'fill-replay-weak stroke-replay',
  unknown: 'fill-panel-2 stroke-ink-3',
}

/** How far the ends of a destination point outwards. */
const POINT = 9
const HEXAGON = `M${POINT} 0H${NODE_WIDTH - POINT}L${NODE_WIDTH} ${NODE_HEIGHT / 2}L${NODE_WIDTH - POINT} ${NODE_HEIGHT}H${POINT}L0 ${NODE_HEIGHT / 2}Z`

/** A service is a rounded box, a destination a hexagon; a group that only the broker knows has a dashed frame. */
export function MapNodeShape({ node, place, isOpen, isPresent, nowMs, onOpen }: MapNodeProps) {
  const state = nodeState(node, isPresent)
  const look = classNames(
    state === null
      ? node.kind === 'service' || node.kind === 'group'
        ? LOOK.ok
        : 'fill-panel stroke-quiet-bar'
      : LOOK[state.tone],
    'group-hover:stroke-ink-2',
  )
  const isDestination = node.kind === 'destination' || node.kind === 'dead-letters'
  return (
    <g transform={`translate(${place.x} ${place.y})`}>
      <a
        href={topologyPath(node.id)}
        data-row-id={node.id}
        aria-label={nodeSentence(node, isPresent, nowMs)}
        aria-current={isOpen ? 'true' : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          onOpen(node.id)
        }}
        className="group outline-none"
      >
        <title>{node.name}</title>
        {isDestination ? (
          <path d={HEXAGON} className={look} strokeLinejoin="round" />
        ) : (
          <rect
            width={NODE_WIDTH}
            height={NODE_HEIGHT}
            rx={8}
            className={look}
            {...(node.kind === 'group' ? { strokeDasharray: '4 3' } : {})}
          />
        )}
        <rect
          x={-3.5}
          y={-3.5}
          width={NODE_WIDTH + 7}
          height={NODE_HEIGHT + 7}
          rx={10}
          className={classNames(
            'fill-none stroke-accent stroke-2 group-focus-visible:opacity-100',
            isOpen ? 'opacity-100' : 'opacity-0',
          )}
        />
        <text x={16} y={18} className="fill-ink text-base font-semibold">
          {shortenName(node.name, 18)}
        </text>
        {state !== null && (
          <g transform="translate(16 27.5)">
            <StateShape tone={state.tone} />
          </g>
        )}
        <text
          x={state === null ? 16 : 28}
          y={35}
          className={classNames('fill-current text-sm', state === null ? 'text-ink-2' : TONE_TEXT[state.tone])}
        >
          {nodeLine(node, isPresent, nowMs)}
        </text>
      </a>
    </g>
  )
}
