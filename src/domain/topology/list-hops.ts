import { compareText } from '#domain/topology/node-draft.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import type { TopologyHop } from '#domain/topology/topology.ts'
import { TrafficSum } from '#domain/topology/traffic-sum.ts'

/** The hops that begin, lead over or end at a service or destination; the busiest first, at most `limit`. */
export function listHops(
  edges: readonly ServiceEdge[],
  node: { readonly kind: 'service' | 'destination'; readonly name: string },
  { windowMs, limit }: { readonly windowMs: number; readonly limit: number },
): readonly TopologyHop[] {
  const isAt = (edge: ServiceEdge): boolean =>
    node.kind === 'destination'
      ? edge.destination === node.name
      : edge.service === node.name || edge.fromService === node.name
  return edges
    .filter((edge) => edge.receivedCount > 0 && isAt(edge))
    .map((edge) => toHop(edge, windowMs))
    .toSorted((left, right) => right.perSecond - left.perSecond || compareText(nameOf(left), nameOf(right)))
    .slice(0, limit)
}

const nameOf = (hop: TopologyHop): string =>
  JSON.stringify([hop.destination, hop.fromService, hop.service, hop.consumerGroup])

function toHop(edge: ServiceEdge, windowMs: number): TopologyHop {
  const { fromService, destination, service, consumerGroup } = edge
  const traffic = new TrafficSum()
  traffic.add(edge)
  return {
    fromService,
    destination,
    service,
    consumerGroup,
    perSecond: (edge.receivedCount * 1000) / windowMs,
    errorShare: traffic.errorShare,
    dwellP95Ms: traffic.dwellMs(0.95),
    processingP95Ms: traffic.processingMs(0.95),
  }
}
