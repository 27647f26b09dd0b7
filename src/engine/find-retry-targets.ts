import type { Database } from '#db/client.ts'
import type { FoundRetry } from '#db/store/operation-plan-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { listFailedGroups, listKnownPlaces, readRetryConfiguration } from '#db/store/retry-target-store.ts'
import { findRetryDestination, retryNamesOf } from '#domain/operation/find-retry-destination.ts'

/** Groups times origins of one selection; those beyond it are left out with the reason. */
const MAX_PAIRS = 1_000

/** For every origin and group of the selection the destination whose copies only that group sees, or why there is none. */
export async function findRetryTargets(database: Database, row: OperationRow): Promise<readonly FoundRetry[]> {
  const pairs = await listFailedGroups(database, row, MAX_PAIRS)
  const { kind, configured } = await readRetryConfiguration(database, row.clusterId)
  const names = [
    ...pairs.flatMap((pair) => [...retryNamesOf(pair), ...(pair.group === null ? [] : [pair.group])]),
    ...configured.map((one) => one.destination),
  ]
  const places = await listKnownPlaces(database, row.clusterId, [...new Set(names)])
  const known = { hasQueuePerGroup: kind !== 'kafka', configured, places }
  return pairs.map((pair) => {
    const found = findRetryDestination(pair, known)
    return {
      ...pair,
      target: 'destination' in found ? found.destination : null,
      problem: 'reason' in found ? found.reason : null,
    }
  })
}
