import { keepNodes } from '#domain/topology/filter-by-path.ts'
import type { Topology, TopologyNode } from '#domain/topology/topology.ts'

/** Keeps the nodes that matter most when there are more than can be drawn: those in trouble, then the busiest. */
export function cutTopology(
  topology: Topology,
  maxNodes: number,
): { readonly topology: Topology; readonly omittedNodeCount: number } {
  if (topology.nodes.length <= maxNodes) return { topology, omittedNodeCount: 0 }
  const kept = topology.nodes
    .toSorted((left, right) => weightOf(right) - weightOf(left))
    .slice(0, maxNodes)
    .map((node) => node.id)
  return { topology: keepNodes(topology, new Set(kept)), omittedNodeCount: topology.nodes.length - maxNodes }
}

function weightOf(node: TopologyNode): number {
  const isTroubled = (node.lagState !== null && node.lagState !== 'OK') || (node.openDeadLetterCount ?? 0) > 0
  return (isTroubled ? 1e9 : 0) + (node.sentPerSecond ?? 0) + (node.receivedPerSecond ?? 0)
}
