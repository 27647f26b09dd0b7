import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { describeFilter } from '#domain/dead-letter/letter-filter.ts'
import type { DeadLetterRow } from '#features/dead-letters/message-columns.tsx'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'

const distinct = (names: readonly (string | null)[]): string[] => [
  ...new Set(names.filter((name): name is string => name !== null)),
]

/** What a search has found, as a group that can be redriven or discarded; its counts are of the rows at hand. */
export function foundGroup(filter: LetterFilter, rows: readonly DeadLetterRow[]): FailureGroup {
  const places = new Map<string, { clusterId: string; destination: string; count: number }>()
  for (const { clusterId, destination } of rows) {
    const id = JSON.stringify([clusterId, destination])
    const place = places.get(id) ?? { clusterId, destination, count: 0 }
    places.set(id, { ...place, count: place.count + 1 })
  }
  const expiries = rows.flatMap(({ expiresAtMs }) => (expiresAtMs === null ? [] : [expiresAtMs]))
  return {
    fingerprint: '',
    title: describeFilter(filter),
    count: rows.length,
    firstAtMs: Math.min(...rows.map(({ deadAtMs }) => deadAtMs)),
    lastAtMs: Math.max(...rows.map(({ deadAtMs }) => deadAtMs)),
    soonestExpiryAtMs: expiries.length === 0 ? null : Math.min(...expiries),
    places: [...places.values()].toSorted((a, b) => b.count - a.count),
    origins: distinct(rows.map(({ originDestination }) => originDestination)),
    consumerGroups: distinct(rows.map(({ consumerGroup }) => consumerGroup)),
    arrivals: [],
    latestOperation: null,
  }
}
