import type { FinishedCycle } from '#collector/poll/poll-cycle.ts'
import type { ClusterStatus } from '#db/store/cluster-store.ts'
import type { PollKind } from '#db/store/poll-cycle-store.ts'

const SUBJECTS: Readonly<Record<PollKind, string>> = {
  inventory: 'inventory',
  lag: 'lag',
  'dead-letters': 'dead letters',
}

/**
 * What the last cycle of each kind says about the cluster: `unreachable` when all of them failed, `degraded` with the
 * reasons when some failed or were partial, `connected` otherwise.
 */
export function judgeHealth(latest: ReadonlyMap<PollKind, FinishedCycle>): ClusterStatus {
  const cycles = [...latest.values()]
  if (cycles.length === 0) return { status: 'unknown', reason: null }
  const troubled = cycles.filter(({ outcome }) => outcome !== 'ok')
  if (troubled.length === 0) return { status: 'connected', reason: null }
  const reasons = new Map<string, string[]>()
  for (const { kind, reason } of troubled) {
    const words = reason ?? 'no reason given'
    reasons.set(words, [...(reasons.get(words) ?? []), SUBJECTS[kind]])
  }
  const reason = [...reasons].map(([words, subjects]) => `${subjects.join(', ')}: ${words}`).join('; ')
  const isUnreachable = cycles.every(({ outcome }) => outcome === 'failed')
  return { status: isUnreachable ? 'unreachable' : 'degraded', reason: reason.slice(0, 1_000) }
}
