import type { Broker, Inventory } from '#brokers/broker.ts'
import type { CycleResult } from '#collector/poll/poll-cycle.ts'
import type { Database } from '#db/client.ts'
import { setClusterCapabilities } from '#db/store/cluster-store.ts'
import { saveInventory } from '#db/store/inventory-store.ts'

export interface InventoryReading {
  readonly inventory: Inventory
  readonly result: CycleResult
}

/**
 * Reads and stores what exists on the broker and what the adapter can do there.
 *
 * @param previousAtMs when the last complete inventory began; null when there was none under this lease
 */
export async function pollInventory(
  database: Database,
  broker: Broker,
  atMs: number,
  previousAtMs: number | null,
  signal: AbortSignal,
): Promise<InventoryReading> {
  const identity = await broker.identify(signal)
  const inventory = await broker.inventory.read(signal)
  signal.throwIfAborted()
  const isComplete = inventory.unreadable.length === 0
  await saveInventory(database, broker.clusterId, inventory, atMs, isComplete ? previousAtMs : null)
  await setClusterCapabilities(database, broker.clusterId, identity, describeCapabilities(broker, inventory))
  return {
    inventory,
    result: {
      itemCount: inventory.destinations.length + inventory.groups.length,
      reasons: inventory.unreadable.map(({ subject, reason }) => `${subject}: ${reason}`),
    },
  }
}

/** The facets as facts, so that the web process can explain what is possible without ever touching an adapter. */
function describeCapabilities(broker: Broker, inventory: Inventory): Record<string, unknown> {
  return {
    ageSource: broker.lag.ageSource,
    confirmContract: broker.send.confirmContract,
    deadLetters:
      broker.deadLetters === undefined
        ? null
        : { costOfLooking: broker.deadLetters.costOfLooking, canRemove: broker.deadLetters.remove !== undefined },
    canReplay: broker.replaySource !== undefined,
    canReadOffsets: broker.offsets !== undefined,
    consumerControl:
      broker.consumerControl === undefined
        ? null
        : { kind: broker.consumerControl.kind, explanation: broker.consumerControl.explanation },
    unreadable: inventory.unreadable.slice(0, 100),
  }
}
