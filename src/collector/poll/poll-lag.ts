import type { Broker, LagSnapshot, LaneLag } from '#brokers/broker.ts'
import { isOwnedBy, type ClusterView } from '#collector/poll/cluster-view.ts'
import type { LagHistory } from '#collector/poll/lag-history.ts'
import type { CycleResult } from '#collector/poll/poll-cycle.ts'
import type { Database } from '#db/client.ts'
import { deleteStaleGroupLag, insertLagSamples, upsertGroupLag, type GroupVerdict } from '#db/store/lag-store.ts'
import { evaluateLag } from '#domain/lag/evaluate-lag.ts'
import type { LaneReading } from '#domain/lag/lag-evaluation.ts'

/** Verdicts that complete readings have not confirmed for this long are of groups that are gone. */
const STALE_AFTER_MS = 60_000

/** Reads all lanes, judges every group on every destination and stores samples and verdicts. */
export async function pollLag(
  database: Database,
  broker: Broker,
  history: LagHistory,
  view: ClusterView,
  signal: AbortSignal,
): Promise<CycleResult> {
  const snapshot = await broker.lag.read(signal)
  signal.throwIfAborted()
  const atMs = snapshot.endAtMs
  const samples = snapshot.lanes.flatMap((lane) => history.add(lane, atMs) ?? [])
  history.forget(atMs - STALE_AFTER_MS)
  const verdicts = judge(snapshot, history, view, atMs)
  await insertLagSamples(database, broker.clusterId, samples)
  await upsertGroupLag(database, broker.clusterId, verdicts, atMs)
  if (snapshot.unreadable.length === 0) await deleteStaleGroupLag(database, broker.clusterId, atMs - STALE_AFTER_MS)
  return {
    itemCount: snapshot.lanes.length,
    reasons: snapshot.unreadable.map(({ subject, reason }) => `${subject}: ${reason}`),
  }
}

function judge(snapshot: LagSnapshot, history: LagHistory, view: ClusterView, nowMs: number): GroupVerdict[] {
  const unreadable = new Map(snapshot.unreadable.map(({ subject, reason }) => [subject, reason]))
  return [...groupLanes(snapshot.lanes).values()].map((lanes) => {
    const [{ group, destination } = { group: '', destination: '' }] = lanes
    const known = view.groups.get(group)
    const readings = new Map<string, LaneReading>(
      lanes.map((lane) => [
        lane.lane,
        { samples: history.samplesOf(group, destination, lane.lane), oldestAgeMs: lane.oldestAgeMs },
      ]),
    )
    const evaluation = evaluateLag(readings, {
      nowMs,
      groupState: known?.state ?? 'unknown',
      memberCount: known?.members?.length ?? null,
      isOwned: isOwnedBy(known, destination),
      retentionMs: view.destinations.get(destination)?.retentionMs ?? null,
      rebalancingSinceMs: view.rebalancingSinceMs.get(group) ?? null,
      pausedBecause: null,
      unreadableBecause: unreadable.get(group) ?? null,
      allowedLagMessages: 0,
    })
    return { group, destination, evaluation }
  })
}

function groupLanes(lanes: readonly LaneLag[]): ReadonlyMap<string, readonly LaneLag[]> {
  const groups = new Map<string, LaneLag[]>()
  for (const lane of lanes) {
    const key = `${lane.group}\u0000${lane.destination}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [lane])
    else known.push(lane)
  }
  return groups
}
