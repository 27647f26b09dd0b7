import type { LaneLag } from '#brokers/broker.ts'
import { listPolledGroups, type GroupedItem } from '#db/store/operation-outcome-store.ts'
import { toFailure } from '#domain/failure.ts'
import { parsePosition } from '#domain/position.ts'
import type { EngineContext } from '#engine/engine-context.ts'

const READ_LIMIT_MS = 5_000

export interface CommitLookup {
  /** The group that has committed past the copy; null when none is known to have, or nobody can tell. */
  findCommitPast(item: GroupedItem): Promise<string | null>
}

/** Positions as they are during one look: each group and destination is read once. */
export function createCommitLookup(context: EngineContext, clusterId: string, end: AbortSignal): CommitLookup {
  const lanes = new Map<string, Promise<readonly LaneLag[]>>()
  const groups = new Map<string, Promise<string | null>>()

  const readLanes = async (group: string, destination: string): Promise<readonly LaneLag[]> => {
    try {
      const broker = await context.brokers.get(clusterId)
      const signal = AbortSignal.any([end, AbortSignal.timeout(READ_LIMIT_MS)])
      return (await broker.offsets?.read(group, destination, signal)) ?? []
    } catch (error) {
      context.log.debug({ group, destination, reason: toFailure(error).message }, 'commits cannot be read')
      return []
    }
  }
  const remember = <Value>(map: Map<string, Promise<Value>>, key: string, read: () => Promise<Value>) => {
    const known = map.get(key) ?? read()
    map.set(key, known)
    return known
  }
  /** A dead letter that names no group leaves only one reading: the single group that the destination has. */
  const onlyGroup = async (destination: string): Promise<string | null> => {
    const [first, ...others] = await listPolledGroups(context.client.database, clusterId, destination)
    return others.length === 0 ? (first ?? null) : null
  }

  return {
    findCommitPast: async ({ consumerGroup, targetDestination, targetPosition }) => {
      const position = targetPosition === null ? null : parsePosition(targetPosition)
      if (position === null || !/^\d+$/.test(position.sequence)) return null
      const group = consumerGroup ?? (await remember(groups, targetDestination, () => onlyGroup(targetDestination)))
      if (group === null) return null
      const key = `${group}\n${targetDestination}`
      const known = await remember(lanes, key, () => readLanes(group, targetDestination))
      const committed = known.find((lane) => lane.lane === position.lane)?.committed ?? null
      return committed !== null && committed > Number(position.sequence) ? group : null
    },
  }
}
