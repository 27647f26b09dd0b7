import type { ConsumerGroup, Destination, Inventory } from '#brokers/broker.ts'

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

/** Whether a member is assigned a lane of the destination; null when assignments are not known. */
export function isOwnedBy(group: ConsumerGroup | undefined, destination: string): boolean | null {
  const assignments = group?.members?.flatMap((member) => member.assignments) ?? []
  if (assignments.length === 0) return null
  return assignments.some((assignment) => assignment.destination === destination)
}
