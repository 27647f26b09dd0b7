import type { Topology } from '#domain/topology/topology.ts'

/**
 * Everything that can have led to a node and everything that can follow from it, with the node itself. Neighbours that
 * only share an ancestor are left out. The whole topology when the node is not in it.
 */
export function filterByPath(topology: Topology, nodeId: string): Topology {
  if (!topology.nodes.some((node) => node.id === nodeId)) return topology
  const reached = new Set([...walk(topology, nodeId, 'fromId', 'toId'), ...walk(topology, nodeId, 'toId', 'fromId')])
  return keepNodes(topology, reached)
}

/** The part of a topology between these nodes. */
export function keepNodes(topology: Topology, ids: ReadonlySet<string>): Topology {
  return {
    nodes: topology.nodes.filter((node) => ids.has(node.id)),
    edges: topology.edges.filter((edge) => ids.has(edge.fromId) && ids.has(edge.toId)),
  }
}

function walk(topology: Topology, startId: string, near: 'fromId' | 'toId', far: 'fromId' | 'toId'): Set<string> {
  const next = new Map<string, string[]>()
  for (const edge of topology.edges) next.set(edge[near], [...(next.get(edge[near]) ?? []), edge[far]])
  const reached = new Set([startId])
  for (const id of reached) for (const neighbour of next.get(id) ?? []) reached.add(neighbour)
  return reached
}
