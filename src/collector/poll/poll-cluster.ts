import { performance } from 'node:perf_hooks'
import type { FoundPlaces } from '#brokers/broker.ts'
import type { CorrelationInForce } from '#collector/correlation/watch-correlation-rules.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { judgeHealth } from '#collector/poll/cluster-health.ts'
import { EMPTY_VIEW, findRebalances, nextView, type ClusterView } from '#collector/poll/cluster-view.ts'
import { type CheckedLetters, findPlaces, indexDeadLetters } from '#collector/poll/index-dead-letters.ts'
import { createLagHistory, HISTORY_MS, type LagHistory } from '#collector/poll/lag-history.ts'
import { runCycle, type CycleResult, type FinishedCycle } from '#collector/poll/poll-cycle.ts'
import { pollInventory } from '#collector/poll/poll-inventory.ts'
import { pollLag } from '#collector/poll/poll-lag.ts'
import { createPhantomProbe, type PhantomProbe } from '#collector/poll/phantom-probe.ts'
import { openVerdictBook, type VerdictBook } from '#collector/poll/verdict-book.ts'
import type { Database } from '#db/client.ts'
import { setClusterStatus } from '#db/store/cluster-store.ts'
import { insertConsumerEvents, listGroupStates, markGroupsUnknown, readLagHistory } from '#db/store/lag-store.ts'
import type { Lease } from '#db/store/lease-store.ts'
import { listPausesInForce } from '#db/store/pause-store.ts'
import { insertPollCycle, type PollKind } from '#db/store/poll-cycle-store.ts'
import { systemOfCluster } from '#domain/flow/destination-reader.ts'
import type { LagRules } from '#domain/lag/lag-evaluation.ts'
import type { Log } from '#log.ts'

export interface PollRhythm {
  readonly intervalMs: number
  /** A cycle that takes longer is given up. */
  readonly limitMs: number
  /** When the first cycle begins after the lease was taken. */
  readonly firstMs: number
}

export type PollRhythms = Readonly<Record<PollKind, PollRhythm>>

export const POLL_RHYTHMS: PollRhythms = {
  inventory: { intervalMs: 30_000, limitMs: 25_000, firstMs: 0 },
  lag: { intervalMs: 5_000, limitMs: 15_000, firstMs: 700 },
  'dead-letters': { intervalMs: 3_000, limitMs: 30_000, firstMs: 1_400 },
}

/** One failed reading is not told: the next comes in seconds. */
const BLIND_AFTER_FAILURES = 2
const STAGGER_MS = 1_500
const MAX_BACK_OFF_MS = 60_000
const PLACES_EVERY_MS = 30_000
/** How often an unchanged status is confirmed. */
const STATUS_EVERY_MS = 15_000

export interface ClusterPoll {
  readonly database: Database
  readonly brokers: BrokerDirectory
  readonly clusterId: string
  readonly lease: Lease
  readonly log: Log
  readonly rhythms: PollRhythms
  readonly correlation: CorrelationInForce
  readonly lagRules: LagRules
}

/** Polls one cluster until the signal (the lease, the process) ends it: three loops of their own, so none waits for another. */
export async function pollCluster(poll: ClusterPoll, signal: AbortSignal): Promise<void> {
  const state = createPollState()
  const report = createReporter(poll, state)
  const cycles: Readonly<Record<PollKind, (cycleSignal: AbortSignal) => Promise<CycleResult>>> = {
    inventory: (cycleSignal) => readInventory(poll, state, cycleSignal),
    lag: (cycleSignal) => readLag(poll, state, cycleSignal),
    'dead-letters': (cycleSignal) => readDeadLetters(poll, state, cycleSignal),
  }
  const kinds: readonly PollKind[] = ['inventory', 'lag', 'dead-letters']
  await Promise.all(
    kinds.map((kind) => repeat(kind, staggered(poll.rhythms[kind], poll.clusterId), signal, cycles[kind], report)),
  )
}

/** Clusters that are taken up at the same moment begin at different ones. */
function staggered(rhythm: PollRhythm, clusterId: string): PollRhythm {
  const most = Math.min(STAGGER_MS, rhythm.intervalMs)
  let sum = 7
  for (const byte of Buffer.from(clusterId)) sum = (sum * 31 + byte) % 1_000_003
  return { ...rhythm, firstMs: rhythm.firstMs + (sum % most) }
}

interface PollState {
  view: ClusterView
  lastCompleteView: ClusterView | null
  history: LagHistory | null
  book: VerdictBook | null
  readonly phantoms: PhantomProbe
  failedLagCount: number
  found: FoundPlaces
  placesFoundAt: number
  readonly checked: CheckedLetters
}

const createPollState = (): PollState => ({
  view: EMPTY_VIEW,
  lastCompleteView: null,
  history: null,
  book: null,
  phantoms: createPhantomProbe(),
  failedLagCount: 0,
  found: { places: [], unreadable: [] },
  placesFoundAt: Number.NEGATIVE_INFINITY,
  checked: new Map(),
})

async function readInventory(poll: ClusterPoll, state: PollState, signal: AbortSignal): Promise<CycleResult> {
  const broker = await poll.brokers.get(poll.clusterId)
  const atMs = Date.now()
  const { inventory, result } = await pollInventory(
    poll.database,
    broker,
    state.found.unreadable,
    atMs,
    state.lastCompleteView,
    signal,
  )
  const view = nextView(state.view, inventory, atMs)
  await insertConsumerEvents(poll.database, poll.clusterId, findRebalances(state.view, view, atMs))
  state.view = view
  if (inventory.unreadable.length === 0) state.lastCompleteView = view
  return result
}

async function readLag(poll: ClusterPoll, state: PollState, signal: AbortSignal): Promise<CycleResult> {
  const broker = await poll.brokers.get(poll.clusterId)
  state.history ??= createLagHistory(await readLagHistory(poll.database, poll.clusterId, Date.now() - HISTORY_MS))
  state.book ??= openVerdictBook(await listGroupStates(poll.database, poll.clusterId))
  const { history, book, view, phantoms } = state
  const pauses = await listPausesInForce(poll.database, poll.clusterId)
  return pollLag(
    { database: poll.database, broker, history, book, view, phantoms, rules: poll.lagRules, pauses },
    performance.now(),
    signal,
  )
}

async function readDeadLetters(poll: ClusterPoll, state: PollState, signal: AbortSignal): Promise<CycleResult> {
  const broker = await poll.brokers.get(poll.clusterId)
  if (broker.deadLetters === undefined) return { itemCount: 0, reasons: [] }
  if (performance.now() - state.placesFoundAt > PLACES_EVERY_MS) {
    state.found = await findPlaces(poll.database, poll.clusterId, broker.deadLetters, signal)
    // Places are noted on destinations, which only an inventory brings: before the first one they are found again.
    if (state.view !== EMPTY_VIEW) state.placesFoundAt = performance.now()
  }
  const { places, unreadable } = state.found
  const { rules } = poll.correlation
  const system = systemOfCluster(broker.kind)
  const { itemCount, reasons } = await indexDeadLetters(
    poll.database,
    broker,
    poll.lease,
    places,
    signal,
    (destination) => rules.find(system, destination),
    state.checked,
  )
  // Said in every cycle until places are looked for again, so that the cluster's status does not flicker.
  return { itemCount, reasons: [...unreadable.map(({ subject, reason }) => `${subject}: ${reason}`), ...reasons] }
}

/** Cycles at a fixed rhythm, later after failures: the wait doubles from the interval up to a minute. */
async function repeat(
  kind: PollKind,
  rhythm: PollRhythm,
  signal: AbortSignal,
  cycle: (cycleSignal: AbortSignal) => Promise<CycleResult>,
  report: (cycle: FinishedCycle) => Promise<void>,
): Promise<void> {
  await pause(rhythm.firstMs, signal)
  let failureCount = 0
  while (!signal.aborted) {
    const finished = await runCycle(kind, rhythm.limitMs, signal, cycle)
    if (signal.aborted) return
    await report(finished)
    failureCount = finished.outcome === 'failed' ? failureCount + 1 : 0
    const waitMs = Math.min(MAX_BACK_OFF_MS, rhythm.intervalMs * 2 ** Math.min(failureCount, 6))
    const isFailing = failureCount > 0
    await pause(isFailing ? waitMs : Math.max(0, rhythm.intervalMs - finished.durationMs), signal)
  }
}

/** Once readings failed in a row, what was known of the groups is history and not their state. */
async function noteBlindness(
  database: Database,
  clusterId: string,
  state: PollState,
  { outcome, reason }: FinishedCycle,
): Promise<void> {
  state.failedLagCount = outcome === 'failed' ? state.failedLagCount + 1 : 0
  if (state.failedLagCount !== BLIND_AFTER_FAILURES) return
  await markGroupsUnknown(database, clusterId, reason ?? 'the broker did not answer')
  // The next reading is compared with what now stands in the database.
  state.book = null
}

/** Stores every cycle and, when it changed or is due, what they together say about the cluster. */
function createReporter(
  { database, clusterId, log }: ClusterPoll,
  state: PollState,
): (cycle: FinishedCycle) => Promise<void> {
  const latest = new Map<PollKind, FinishedCycle>()
  let written = ''
  let writtenAt = Number.NEGATIVE_INFINITY
  return async (cycle) => {
    latest.set(cycle.kind, cycle)
    const status = judgeHealth(latest)
    const words = JSON.stringify(status)
    if (words !== written) log.info({ clusterId, ...status }, 'cluster status')
    try {
      await insertPollCycle(database, { clusterId, ...cycle })
      if (cycle.kind === 'lag') await noteBlindness(database, clusterId, state, cycle)
      if (words === written && performance.now() - writtenAt < STATUS_EVERY_MS) return
      await setClusterStatus(database, clusterId, status)
      written = words
      writtenAt = performance.now()
    } catch (error) {
      // Postgres is away: the lease will be lost, and the next cycle that gets through reports again.
      log.warn({ clusterId, kind: cycle.kind, err: error }, 'a poll could not be recorded')
    }
  }
}
