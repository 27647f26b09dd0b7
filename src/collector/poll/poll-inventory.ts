import type { Broker, Inventory, Unreadable } from '#brokers/broker.ts'
import type { ClusterView } from '#collector/poll/cluster-view.ts'
import type { CycleResult } from '#collector/poll/poll-cycle.ts'
import type { Database } from '#db/client.ts'
import { setClusterCapabilities } from '#db/store/cluster-store.ts'
import { saveInventory, type SeenNames } from '#db/store/inventory-store.ts'

export interface InventoryReading {
  readonly inventory: Inventory
  readonly result: CycleResult
}

/**
 * Reads and stores what exists on the broker and what the adapter can do there.
 *
 * @param closedWays what the last look for dead letters could not read, to be shown with the rest
 * @param previous what the last complete inventory saw; null when there was none under this lease
 */
export async function pollInventory(
  database: Database,
  broker: Broker,
  closedWays: readonly Unreadable[],
  atMs: number,
  previous: ClusterView | null,
  signal: AbortSignal,
): Promise<InventoryReading> {
  const identity = await broker.identify(signal)
  const inventory = await broker.inventory.read(signal)
  signal.throwIfAborted()
  const isComplete = inventory.unreadable.length === 0
  await saveInventory(database, broker.clusterId, inventory, atMs, isComplete ? namesOf(previous) : null)
  await setClusterCapabilities(
    database,
    broker.clusterId,
    identity,
    describeCapabilities(broker, withoutRepeats([...closedWays, ...inventory.unreadable])),
  )
  return {
    inventory,
    result: {
      itemCount: inventory.destinations.length + inventory.groups.length,
      reasons: inventory.unreadable.map(({ subject, reason }) => `${subject}: ${reason}`),
    },
  }
}

const namesOf = (view: ClusterView | null): SeenNames | null =>
  view === null ? null : { destinations: view.destinations.keys(), groups: view.groups.keys() }

/** What both looks ran into is one fact. */
const withoutRepeats = (all: readonly Unreadable[]): readonly Unreadable[] => [
  ...new Map(all.map((one) => [JSON.stringify([one.subject, one.reason]), one])).values(),
]

/** The facets as facts, so that the web process can explain what is possible without ever touching an adapter. */
function describeCapabilities(broker: Broker, unreadable: readonly Unreadable[]): Record<string, unknown> {
  return {
    ageSource: broker.lag.ageSource,
    confirmContract: broker.send.confirmContract,
    deadLetters:
      broker.deadLetters === undefined
        ? null
        : { costOfLooking: broker.deadLetters.costOfLooking, canRemove: broker.deadLetters.remove !== undefined },
    canReplay: broker.replaySource !== undefined,
    canDecode: broker.schemas !== undefined,
    canReadOffsets: broker.offsets !== undefined,
    canResetOffsets: broker.offsets?.reset !== undefined,
    hasConnectors: broker.connectors !== undefined,
    consumerControl:
      broker.consumerControl === undefined
        ? null
        : {
            kind: broker.consumerControl.kind,
            explanation: broker.consumerControl.explanation,
            holds: broker.consumerControl.holds.map(({ kind, explanation }) => ({ kind, explanation })),
          },
    unreadable: unreadable.slice(0, 100),
  }
}
