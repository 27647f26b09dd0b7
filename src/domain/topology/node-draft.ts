import { LAG_STATES, type LagState } from '#domain/lag/lag-status.ts'
import type { DeadLetterPlaceReading, GroupReading, TopologyNode, TopologyNodeKind } from '#domain/topology/topology.ts'
import { TrafficSum } from '#domain/topology/traffic-sum.ts'

/** A node that is being put together from what spans and brokers tell. */
export class NodeDraft {
  kind: TopologyNodeKind
  readonly id: string
  readonly name: string
  readonly traffic = new TrafficSum()
  readonly groups: GroupReading[] = []
  readonly #clusterIds = new Set<string>()
  #openCount: number | null = null
  #soonestExpiryAtMs: number | null = null

  constructor(id: string, kind: TopologyNodeKind, name: string) {
    this.id = id
    this.kind = kind
    this.name = name
  }

  addCluster(clusterId: string): void {
    this.#clusterIds.add(clusterId)
  }

  addGroup(group: GroupReading): void {
    if (!this.groups.includes(group)) this.groups.push(group)
    this.addCluster(group.clusterId)
  }

  addDeadLetters(place: DeadLetterPlaceReading): void {
    this.#openCount = addKnown(this.#openCount, place.openCount)
    if (place.soonestExpiryAtMs !== null)
      this.#soonestExpiryAtMs = Math.min(this.#soonestExpiryAtMs ?? Infinity, place.soonestExpiryAtMs)
  }

  finish(windowMs: number): TopologyNode {
    const { id, kind, name, traffic, groups } = this
    const worst = findWorst(groups)
    return {
      id,
      kind,
      name,
      clusterIds: [...this.#clusterIds].toSorted(),
      sentPerSecond: traffic.perSecond(traffic.sentCount, windowMs),
      receivedPerSecond: traffic.perSecond(traffic.receivedCount, windowMs),
      errorShare: traffic.errorShare,
      dwellP50Ms: traffic.dwellMs(0.5),
      dwellP95Ms: traffic.dwellMs(0.95),
      processingP95Ms: traffic.processingMs(0.95),
      lagMessages: this.#lag(),
      timeBehindMs: maximum(groups.map((group) => group.timeBehindMs)),
      lagState: worst?.lagState ?? null,
      lagSentence: worst?.lagSentence ?? null,
      openDeadLetterCount: this.#openCount,
      soonestExpiryAtMs: this.#soonestExpiryAtMs,
      groups: groups
        .map(({ clusterId, group, destination, lagState, lagMessages }) => ({
          clusterId,
          group,
          destination,
          lagState,
          lagMessages,
        }))
        .toSorted((left, right) => compareText(left.destination + left.group, right.destination + right.group)),
    }
  }

  /** One destination's groups wait for the same messages; one consumer's destinations hold different ones. */
  #lag(): number | null {
    const lags = this.groups.map((group) => group.lagMessages)
    if (this.kind === 'destination' || this.kind === 'dead-letters') return maximum(lags)
    return lags.reduce(addKnown, null)
  }
}

export const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** The state that asks for attention most; null of none. */
export function worstState(states: readonly LagState[]): LagState | null {
  return LAG_STATES.find((state) => states.includes(state)) ?? null
}

function findWorst(groups: readonly GroupReading[]): GroupReading | undefined {
  const state = worstState(groups.map((group) => group.lagState))
  return groups.find((group) => group.lagState === state)
}

function addKnown(sum: number | null, more: number | null): number | null {
  if (more === null) return sum
  return (sum ?? 0) + more
}

function maximum(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null)
  return known.length === 0 ? null : Math.max(...known)
}
