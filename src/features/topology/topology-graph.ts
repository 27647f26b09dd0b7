import type { RouterOutputs } from '#trpc/router-types.ts'

export type TopologyAnswer = RouterOutputs['topology']['get']
export type MapNode = TopologyAnswer['nodes'][number]
export type MapEdge = TopologyAnswer['edges'][number]

/** What of an answer is drawn. */
export interface TopologyGraph {
  readonly nodes: readonly MapNode[]
  readonly edges: readonly MapEdge[]
}
