import type { BlindLane, Broker, LagSnapshot, LaneLag } from '#brokers/broker.ts'
import { isOwnedBy, type ClusterView } from '#collector/poll/cluster-view.ts'
import { HISTORY_MS, type LagHistory } from '#collector/poll/lag-history.ts'
import type { CycleResult } from '#collector/poll/poll-cycle.ts'
import type { PhantomProbe } from '#collector/poll/phantom-probe.ts'
import type { VerdictBook } from '#collector/poll/verdict-book.ts'
import type { Database } from '#db/client.ts'
import { readResetReasons, resetKey } from '#db/store/consumer-action-store.ts'
import {
  deleteGroupLag,
  deleteStaleGroupLag,
  type GroupVerdict,
  insertConsumerEvents,
  insertLagSamples,
  upsertGroupLag,
} from '#db/store/lag-store.ts'
import { notePausePositions, type PausePositions, type StoredPause } from '#db/store/pause-store.ts'
import { evaluateLag } from '#domain/lag/evaluate-lag.ts'
import type { LagContext, LagRules, LaneReading } from '#domain/lag/lag-evaluation.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'
import { explainsStandstill, sayPause } from '#domain/pause/pause-words.ts'

/** Lanes that nobody has read for this long are forgotten. */
const FORGET_AFTER_MS = 60_000
/** Verdicts of groups that this collector has never seen, from before it started. */
const STALE_AFTER_MS = 180_000

export interface LagPoll {
  readonly database: Database
  readonly broker: Broker
  readonly history: LagHistory
  readonly book: VerdictBook
  readonly phantoms: PhantomProbe
  readonly view: ClusterView
  readonly rules: LagRules
  /** Of this cluster: what is asked of its groups now. */
  readonly pauses: readonly StoredPause[]
}

/** Reads all lanes, judges every group on every destination and stores the samples and verdicts that changed. */
export async function pollLag(poll: LagPoll, monotonicMs: number, signal: AbortSignal): Promise<CycleResult> {
  const { database, broker, history, book } = poll
  const snapshot = await broker.lag.read(signal)
  signal.throwIfAborted()
  const atMs = snapshot.endAtMs
  history.keepTime(atMs, monotonicMs)
  const samples = snapshot.lanes.flatMap((lane) => history.add(lane, atMs) ?? [])
  history.forget(atMs - FORGET_AFTER_MS)
  const isComplete = snapshot.groupsMissingBecause === null
  const resets = await readResetReasons(database, broker.clusterId, atMs - HISTORY_MS)
  const verdicts = judge(poll, snapshot, resets)
  const { changed, gone, events } = book.book(verdicts, isComplete, atMs)
  await insertLagSamples(database, broker.clusterId, samples)
  await upsertGroupLag(database, broker.clusterId, changed, atMs)
  await insertConsumerEvents(database, broker.clusterId, events)
  await deleteGroupLag(database, broker.clusterId, gone)
  await notePausePositions(database, positionsOf(poll, snapshot))
  if (isComplete) await deleteStaleGroupLag(database, broker.clusterId, atMs - STALE_AFTER_MS)
  await poll.phantoms.probe(broker, verdicts, signal)
  return {
    itemCount: snapshot.lanes.length,
    reasons: snapshot.unreadable.map(({ subject, reason }) => `${subject}: ${reason}`),
  }
}

interface Subject {
  readonly group: string
  readonly destination: string
  readonly lanes: LaneLag[]
  readonly blind: BlindLane[]
}

function judge(poll: LagPoll, snapshot: LagSnapshot, resets: ReadonlyMap<string, string>): GroupVerdict[] {
  return gatherSubjects(snapshot, poll.view).map((subject) => {
    const { group, destination, lanes, blind } = subject
    const readings = new Map<string, LaneReading>(
      lanes.map((lane) => [lane.lane, readingOf(poll.history, lane, poll.phantoms.countOf(lane))]),
    )
    const all = blind.find(({ lane }) => lane === null)
    for (const lane of blind) {
      if (lane.lane !== null) readings.set(lane.lane, blindReading(poll.history, subject, lane.lane, lane.reason))
    }
    const context = contextOf(poll, resets, subject, snapshot.endAtMs)
    const evaluation = evaluateLag(readings, { ...context, unreadableBecause: all?.reason ?? null })
    return { group, destination, evaluation }
  })
}

function contextOf(
  { broker, view, rules, pauses }: LagPoll,
  resets: ReadonlyMap<string, string>,
  { group, destination }: Subject,
  nowMs: number,
): LagContext {
  const known = view.groups.get(group)
  const place = view.destinations.get(destination)
  const pause = pauses.find((one) => one.group === group && explainsStandstill(one))
  return {
    nowMs,
    progress: broker.lag.progress,
    rules,
    groupState: known?.state ?? 'unknown',
    memberCount: known?.members?.length ?? null,
    isOwned: isOwnedBy(known, destination),
    retentionMs: place?.retentionMs ?? null,
    hasSizeLimit: place?.hasSizeLimit ?? false,
    isCompacted: place?.isCompacted ?? false,
    rebalancingSinceMs: view.rebalancingSinceMs.get(group) ?? null,
    pausedBecause: pause === undefined ? null : sayPause(pause),
    rewoundBecause: resets.get(resetKey(group, destination)) ?? null,
    unreadableBecause: null,
    allowedLagMessages: 0,
  }
}

/** When a position of each paused group was last seen to move: what its members say is held against it. */
function positionsOf({ history, pauses }: LagPoll, { lanes, endAtMs }: LagSnapshot): readonly PausePositions[] {
  return pauses.flatMap(({ id, group }) => {
    const own = lanes.filter((lane) => lane.group === group)
    if (own.length === 0) return []
    const moves = own.flatMap((lane) => lastMoveMs(history.samplesOf(group, lane.destination, lane.lane)) ?? [])
    return [{ id, readAtMs: endAtMs, movedAtMs: moves.length === 0 ? null : Math.max(...moves) }]
  })
}

/** When the position was first read where it is now; null when the history does not go back to another one. */
function lastMoveMs(samples: readonly LagSample[]): number | null {
  const move = samples.findLastIndex((sample, at) => at > 0 && sample.committed !== samples[at - 1]?.committed)
  return samples[move]?.atMs ?? null
}

const readingOf = (
  history: LagHistory,
  { group, destination, lane, oldestAgeMs }: LaneLag,
  phantomMessages: number,
): LaneReading => ({
  samples: history.samplesOf(group, destination, lane),
  oldestAgeMs,
  usualGapMs: history.usualGapMs(group, destination, lane),
  phantomMessages,
  unreadableBecause: null,
})

/** What was last known of a lane that is out of sight; a lane that never was in it has one reading of nothing. */
function blindReading(history: LagHistory, { group, destination }: Subject, lane: string, reason: string): LaneReading {
  const samples = history.samplesOf(group, destination, lane)
  const nothing = { atMs: 0, committed: null, end: 0, start: 0 }
  const known = { oldestAgeMs: null, usualGapMs: null, phantomMessages: 0, unreadableBecause: reason }
  return { samples: samples.length === 0 ? [nothing] : samples, ...known }
}

/** Groups on destinations; a group that is blind as a whole is so on every destination that the inventory saw it on. */
function gatherSubjects(snapshot: LagSnapshot, view: ClusterView): readonly Subject[] {
  const { lanes, blind, groupsMissingBecause } = snapshot
  const subjects = new Map<string, Subject>()
  const subjectOf = (group: string, destination: string): Subject => {
    const key = `${group}\u0000${destination}`
    const known = subjects.get(key) ?? { group, destination, lanes: [], blind: [] }
    subjects.set(key, known)
    return known
  }
  for (const lane of lanes) subjectOf(lane.group, lane.destination).lanes.push(lane)
  for (const one of blind) if (one.destination !== null) subjectOf(one.group, one.destination).blind.push(one)
  const blindGroups = new Map(blind.filter((one) => one.destination === null).map((one) => [one.group, one]))
  if (groupsMissingBecause !== null) {
    const read = new Set([...lanes, ...blind].map(({ group }) => group))
    for (const group of view.groups.keys()) {
      if (read.has(group)) continue
      blindGroups.set(group, { group, destination: null, lane: null, reason: groupsMissingBecause })
    }
  }
  for (const group of blindGroups.keys()) {
    for (const destination of view.groups.get(group)?.destinations ?? []) subjectOf(group, destination)
  }
  for (const subject of subjects.values()) {
    const whole = blindGroups.get(subject.group)
    if (whole !== undefined) subject.blind.push(whole)
  }
  return [...subjects.values()]
}
