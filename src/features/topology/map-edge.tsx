import { classNames } from '#ui/class-names.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { GRAPH_ARROW } from '#ui/graph/graph-picture.tsx'
import { lagWordsOf } from '#features/consumers/lag-words.ts'
import type { PlacedEdge } from '#ui/graph/elk-graph.ts'
import type { MapEdge } from '#features/topology/topology-graph.ts'

interface MapEdgeProps {
  readonly edge: MapEdge
  readonly place: PlacedEdge
  readonly isPresent: boolean
}

/** Thin for a trickle, at most 3.5 px for a thousand messages a second and more. */
const widthOf = (perSecond: number | null): number =>
  perSecond === null || perSecond <= 0 ? 1 : Math.min(3.5, 1.25 + Math.log10(1 + perSecond) * 0.75)

/** What flows is solid; what fails or only the broker tells of is dashed. */
export function MapEdgeLine({ edge, place, isPresent }: MapEdgeProps) {
  const isTroubled = isPresent && lagWordsOf(edge.lagState)?.tone === 'bad'
  const isDead = edge.kind === 'dead-letters'
  const isFlowing = (edge.perSecond ?? 0) > 0
  return (
    <g>
      <path
        d={place.path}
        fill="none"
        markerEnd={GRAPH_ARROW}
        strokeWidth={widthOf(edge.perSecond)}
        {...(isDead || isTroubled || edge.kind === 'routes' || !isFlowing ? { strokeDasharray: '5 4' } : {})}
        className={classNames(
          isDead || isTroubled ? 'stroke-bad' : isFlowing ? 'stroke-ok' : 'stroke-ink-3',
          'opacity-60',
        )}
      />
      {edge.dwellP95Ms !== null && (
        <text
          x={place.middle.x}
          y={place.middle.y + 4}
          textAnchor="middle"
          className="fill-ink-2 stroke-panel text-xs"
          strokeWidth={4}
          paintOrder="stroke"
        >
          {formatDuration(edge.dwellP95Ms)}
        </text>
      )}
    </g>
  )
}
