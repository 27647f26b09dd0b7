import type { LagState } from '#domain/lag/lag-status.ts'

/** `group`: a consumer group at the broker of which no span tells the service. */
export type TopologyNodeKind = 'service' | 'destination' | 'dead-letters' | 'group'

/** Where a figure is null it is not known; nothing is said to be 0 that was not counted. */
export interface TopologyNode {
  readonly id: string
  readonly kind: TopologyNodeKind
  readonly name: string
  /** The clusters that know it, by id; empty for what only spans tell of. */
  readonly clusterIds: readonly string[]
  /** Of a service: what it sends. Of a destination: what is sent to it. */
  readonly sentPerSecond: number | null
  /** Of a service: what it receives. Of a destination: what is received from it, over all groups. */
  readonly receivedPerSecond: number | null
  /** Failed spans of all spans that send or receive here, 0 to 1. */
  readonly errorShare: number | null
  readonly dwellP50Ms: number | null
  readonly dwellP95Ms: number | null
  readonly processingP95Ms: number | null
  /** Of a consumer: over all that it reads. Of a destination: of the group that is furthest behind. */
  readonly lagMessages: number | null
  readonly timeBehindMs: number | null
  /** The most severe state of the groups here; null when no group is known. */
  readonly lagState: LagState | null
  /** Why that state. */
  readonly lagSentence: string | null
  /** Open dead letters: in a place of dead letters those that lie there, at a destination those that came from it. */
  readonly openDeadLetterCount: number | null
  readonly soonestExpiryAtMs: number | null
  /** The groups that consume here, or as which it consumes. */
  readonly groups: readonly TopologyGroup[]
}

export interface TopologyGroup {
  readonly clusterId: string
  readonly group: string
  readonly destination: string
  readonly lagState: LagState
  readonly lagMessages: number | null
}

/** `routes`: what is sent to the one is copied to the other by the broker. `dead-letters`: what fails there ends here. */
export type TopologyEdgeKind = 'sends' | 'receives' | 'routes' | 'dead-letters'

export interface TopologyEdge {
  readonly id: string
  readonly fromId: string
  readonly toId: string
  readonly kind: TopologyEdgeKind
  readonly perSecond: number | null
  readonly errorShare: number | null
  readonly dwellP95Ms: number | null
  readonly lagState: LagState | null
}

/** Sorted by id, so that the same structure is the same however it was found. */
export interface Topology {
  readonly nodes: readonly TopologyNode[]
  readonly edges: readonly TopologyEdge[]
}

/** Messages that went from a producer over a destination to a consumer. */
export interface TopologyHop {
  /** null = nobody who sent them is known. */
  readonly fromService: string | null
  readonly destination: string
  readonly service: string
  readonly consumerGroup: string | null
  readonly perSecond: number
  readonly errorShare: number | null
  readonly dwellP95Ms: number | null
  readonly processingP95Ms: number | null
}

/** What the broker says about a group on a destination. */
export interface GroupReading {
  readonly clusterId: string
  readonly group: string
  readonly destination: string
  readonly lagState: LagState
  readonly lagSentence: string
  readonly lagMessages: number | null
  readonly timeBehindMs: number | null
}

/** A destination in which dead letters end. */
export interface DeadLetterPlaceReading {
  readonly clusterId: string
  readonly destination: string
  /** Where what lies there came from. */
  readonly origins: readonly string[]
  /** null = not known for the asked time. */
  readonly openCount: number | null
  readonly soonestExpiryAtMs: number | null
}

/** The broker copies what is sent to `from` into `to`: an event and the queues subscribed to it. */
export interface RouteReading {
  readonly clusterId: string
  readonly from: string
  readonly to: string
}
