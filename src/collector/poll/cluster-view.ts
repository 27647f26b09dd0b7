import type { ConsumerGroup, Destination, Inventory } from '#brokers/broker.ts'
import type { NewConsumerEvent } from '#db/store/lag-store.ts'

/** What the last inventory of a cluster saw, for the polls between two inventories. Lives as long as the lease is held. */
export interface ClusterView {
  readonly groups: ReadonlyMap<string, ConsumerGroup>
  readonly destinations: ReadonlyMap<string, Destination>
  /** Since which inventory a group has been seen rebalancing, ms since the epoch. */
  readonly rebalancingSinceMs: ReadonlyMap<string, number>
}

export const EMPTY_VIEW: ClusterView = { groups: new Map(), destinations: new Map(), rebalancingSinceMs: new Map() }

export function nextView(previous: ClusterView, inventory: Inventory, atMs: number): ClusterView {
  return {
    groups: new Map(inventory.groups.map((group) => [group.name, group])),
    destinations: new Map(inventory.destinations.map((destination) => [destination.name, destination])),
    rebalancingSinceMs: new Map(
      inventory.groups
        .filter(({ state }) => state === 'rebalancing')
        .map(({ name }) => [name, previous.rebalancingSinceMs.get(name) ?? atMs]),
    ),
  }
}

/** Groups that were rebalanced between two inventories: they are at it now, or have other members than before. */
export function findRebalances(previous: ClusterView, next: ClusterView, atMs: number): readonly NewConsumerEvent[] {
  return [...next.groups.values()].flatMap((group) => {
    const sentence = rebalanceOf(previous, group)
    return sentence === null
      ? []
      : [{ group: group.name, destination: null, atMs, kind: 'rebalance', state: null, sentence } as const]
  })
}

function rebalanceOf(previous: ClusterView, group: ConsumerGroup): string | null {
  const before = previous.groups.get(group.name)
  if (before === undefined) return null
  if (group.state === 'rebalancing') {
    return previous.rebalancingSinceMs.has(group.name) ? null : 'The group began to rebalance.'
  }
  if (before.members === null || group.members === null) return null
  const [old, now] = [new Set(before.members.map(({ id }) => id)), new Set(group.members.map(({ id }) => id))]
  const joined = [...now].filter((id) => !old.has(id)).length
  const left = [...old].filter((id) => !now.has(id)).length
  return joined + left === 0 ? null : `Rebalanced: ${joined} joined, ${left} left, ${now.size} now.`
}

/** Whether a member is assigned a lane of the destination; null when assignments are not known. */
export function isOwnedBy(group: ConsumerGroup | undefined, destination: string): boolean | null {
  const assignments = group?.members?.flatMap((member) => member.assignments) ?? []
  if (assignments.length === 0) return null
  return assignments.some((assignment) => assignment.destination === destination)
}
