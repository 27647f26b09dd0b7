import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import type {
  DeadLetterPlaceReading,
  GroupReading,
  RouteReading,
  Topology,
  TopologyEdge,
  TopologyEdgeKind,
} from '#domain/topology/topology.ts'
import { compareText, NodeDraft, worstState } from '#domain/topology/node-draft.ts'
import { TrafficSum } from '#domain/topology/traffic-sum.ts'

export interface TopologyFacts {
  readonly edges: readonly ServiceEdge[]
  /** Length of the time that `edges` cover. */
  readonly windowMs: number
  readonly groups: readonly GroupReading[]
  readonly deadLetterPlaces: readonly DeadLetterPlaceReading[]
  readonly routes: readonly RouteReading[]
}

interface EdgeDraft {
  readonly fromId: string
  readonly toId: string
  readonly kind: TopologyEdgeKind
  readonly traffic: TrafficSum
  readonly groups: GroupReading[]
}

export const serviceId = (service: string): string => `service:${service}`
export const destinationId = (destination: string): string => `destination:${destination}`
export const groupId = (clusterId: string, group: string): string => `group:${clusterId}/${group}`

class Draft {
  readonly nodes = new Map<string, NodeDraft>()
  readonly edges = new Map<string, EdgeDraft>()

  service(name: string): NodeDraft {
    return this.#node(serviceId(name), 'service', name)
  }

  destination(name: string): NodeDraft {
    return this.#node(destinationId(name), 'destination', name)
  }

  group(reading: GroupReading): NodeDraft {
    return this.#node(groupId(reading.clusterId, reading.group), 'group', reading.group)
  }

  edge(fromId: string, toId: string, kind: TopologyEdgeKind): EdgeDraft {
    const id = edgeId(fromId, toId, kind)
    const known = this.edges.get(id)
    if (known !== undefined) return known
    const made: EdgeDraft = { fromId, toId, kind, traffic: new TrafficSum(), groups: [] }
    this.edges.set(id, made)
    return made
  }

  #node(id: string, kind: NodeDraft['kind'], name: string): NodeDraft {
    const known = this.nodes.get(id)
    if (known !== undefined) return known
    const made = new NodeDraft(id, kind, name)
    this.nodes.set(id, made)
    return made
  }
}

const edgeId = (fromId: string, toId: string, kind: TopologyEdgeKind): string => `${kind}|${fromId}|${toId}`

/**
 * Puts together who sends where and who consumes what, from spans (rates, errors, times) and from brokers (groups, lag,
 * routes, dead letters). A group is the consumer that names it in its spans; else the service that bears its name; a
 * group with the name of its queue stands for the workers of that queue; any other is a node of its own.
 */
export function buildTopology(facts: TopologyFacts): Topology {
  const draft = new Draft()
  for (const edge of facts.edges) addTraffic(draft, edge)
  for (const route of facts.routes) addRoute(draft, route)
  for (const reading of facts.groups) addGroup(draft, reading, facts.edges)
  for (const place of facts.deadLetterPlaces) addPlace(draft, place)
  const nodes = [...draft.nodes.values()].map((node) => node.finish(facts.windowMs))
  const edges = [...draft.edges.values()].map((edge) => finishEdge(edge, facts.windowMs))
  return {
    nodes: nodes.toSorted((left, right) => compareText(left.id, right.id)),
    edges: edges.toSorted((left, right) => compareText(left.id, right.id)),
  }
}

function addTraffic(draft: Draft, edge: ServiceEdge): void {
  const service = draft.service(edge.service)
  const destination = draft.destination(edge.destination)
  service.traffic.add(edge)
  destination.traffic.add(edge)
  if (edge.sentCount > 0) draft.edge(service.id, destination.id, 'sends').traffic.add(edge)
  if (edge.receivedCount > 0) draft.edge(destination.id, service.id, 'receives').traffic.add(edge)
}

function addRoute(draft: Draft, route: RouteReading): void {
  const from = draft.destination(route.from)
  const to = draft.destination(route.to)
  from.addCluster(route.clusterId)
  to.addCluster(route.clusterId)
  draft.edge(from.id, to.id, 'routes')
}

function addGroup(draft: Draft, reading: GroupReading, edges: readonly ServiceEdge[]): void {
  const destination = draft.destination(reading.destination)
  destination.addGroup(reading)
  const consumers = findConsumers(reading, edges)
  const isNamedAfterQueue = reading.group === reading.destination
  const nodes =
    consumers.length > 0
      ? consumers.map((service) => draft.service(service))
      : isNamedAfterQueue
        ? []
        : [draft.group(reading)]
  for (const node of nodes) {
    node.addGroup(reading)
    draft.edge(destination.id, node.id, 'receives').groups.push(reading)
  }
}

/** Services that receive from the group's destination as that group. */
function findConsumers(reading: GroupReading, edges: readonly ServiceEdge[]): readonly string[] {
  const receiving = edges.filter((edge) => edge.destination === reading.destination && edge.receivedCount > 0)
  const isEvidence: readonly ((edge: ServiceEdge) => boolean)[] = [
    (edge) => edge.consumerGroup === reading.group,
    (edge) => edge.consumerGroup === null && edge.service === reading.group,
    () => reading.group === reading.destination,
  ]
  for (const isOf of isEvidence) {
    const found = receiving.filter(isOf)
    if (found.length > 0) return [...new Set(found.map((edge) => edge.service))]
  }
  return []
}

function addPlace(draft: Draft, place: DeadLetterPlaceReading): void {
  const node = draft.destination(place.destination)
  node.kind = 'dead-letters'
  node.addCluster(place.clusterId)
  node.addDeadLetters(place)
  for (const origin of place.origins) {
    if (origin === place.destination) continue
    const from = draft.destination(origin)
    from.addCluster(place.clusterId)
    // With several origins it is not known how many came from each.
    if (place.origins.length === 1) from.addDeadLetters(place)
    draft.edge(from.id, node.id, 'dead-letters')
  }
}

function finishEdge(edge: EdgeDraft, windowMs: number): TopologyEdge {
  const { fromId, toId, kind, traffic } = edge
  const count = kind === 'sends' ? traffic.sentCount : traffic.receivedCount
  return {
    id: edgeId(fromId, toId, kind),
    fromId,
    toId,
    kind,
    perSecond: traffic.perSecond(count, windowMs),
    errorShare: traffic.errorShare,
    dwellP95Ms: kind === 'receives' ? traffic.dwellMs(0.95) : null,
    lagState: worstState(edge.groups.map((group) => group.lagState)),
  }
}
