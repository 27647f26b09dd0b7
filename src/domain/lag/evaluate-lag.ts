import { evaluateLane, STANDSTILL_MS } from '#domain/lag/evaluate-lane.ts'
import type { LagContext, LagEvaluation, LaneReading, LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import { describeLag } from '#domain/lag/lag-sentence.ts'
import { LAG_STATES, type LagState } from '#domain/lag/lag-status.ts'

/** States that a planned pause explains. */
const EXPLAINED_BY_PAUSE: readonly LagState[] = [
  'STOPPED',
  'STALLED',
  'LAGGING',
  'REBALANCING',
  'ORPHANED',
  'OK',
  'WARMING',
]
/** States that may be nothing but a rebalance in progress. */
const EXPLAINED_BY_REBALANCE: readonly LagState[] = ['STOPPED', 'STALLED', 'LAGGING', 'ORPHANED', 'WARMING']

/**
 * The health of one group on one destination from the poll history of its lanes: the worst lane decides, a planned pause
 * or a young rebalance explains what they can explain, and lost messages are never explained away.
 *
 * @param lanes readings by lane, each oldest first and ending with the present one
 * @returns rates in messages per second, times in ms; null where nothing is known, never a made-up 0
 */
export function evaluateLag(lanes: ReadonlyMap<string, LaneReading>, context: LagContext): LagEvaluation {
  const verdicts = [...lanes].flatMap(([lane, reading]) => evaluateLane(lane, reading, context) ?? [])
  const committed = verdicts.filter(({ lagMessages }) => lagMessages !== null)
  const state = groupState(verdicts, committed, context)
  const behind = oldestLane(committed)
  const lagMessages = committed.length === 0 ? null : sumOf(committed, (lane) => lane.lagMessages ?? 0)
  const isDrainKnown = committed.length > 0 && committed.every(({ drainPerSecond }) => drainPerSecond !== null)
  const evaluation: Omit<LagEvaluation, 'sentence'> = {
    state,
    lagMessages: context.unreadableBecause === null ? lagMessages : null,
    lostMessages: sumOf(verdicts, (lane) => lane.lostMessages),
    timeBehindMs: behind?.timeBehindMs ?? null,
    timeBehindErrorMs: behind?.timeBehindErrorMs ?? null,
    drainPerSecond: isDrainKnown ? sumOf(committed, (lane) => lane.drainPerSecond ?? 0) : null,
    drainsInMs: committed.length === 0 ? null : slowest(committed),
    firstLossInMs: soonest(committed),
    lanes: verdicts,
  }
  return { ...evaluation, sentence: describeLag(evaluation, context) }
}

function groupState(
  verdicts: readonly LaneVerdict[],
  committed: readonly LaneVerdict[],
  context: LagContext,
): LagState {
  const worst = worstOf(committed)
  if (worst === 'DATA_LOSS') return worst
  if (context.unreadableBecause !== null || verdicts.length === 0) return 'UNKNOWN'
  if (context.pausedBecause !== null && (worst === null || EXPLAINED_BY_PAUSE.includes(worst))) return 'PAUSED'
  if (worst === null) return 'NO_COMMIT'
  const isYoungRebalance =
    context.rebalancingSinceMs !== null && context.nowMs - context.rebalancingSinceMs <= STANDSTILL_MS
  if (isYoungRebalance && EXPLAINED_BY_REBALANCE.includes(worst)) return 'REBALANCING'
  return worst
}

function worstOf(lanes: readonly LaneVerdict[]): LagState | null {
  const ranks = lanes.map(({ state }) => LAG_STATES.indexOf(state))
  return ranks.length === 0 ? null : (LAG_STATES[Math.min(...ranks)] ?? null)
}

function oldestLane(lanes: readonly LaneVerdict[]): LaneVerdict | null {
  let oldest: LaneVerdict | null = null
  for (const lane of lanes) {
    if (lane.timeBehindMs !== null && lane.timeBehindMs >= (oldest?.timeBehindMs ?? -1)) oldest = lane
  }
  return oldest
}

/** The group is done when its slowest lane is; one lane that does not drain means never. */
function slowest(lanes: readonly LaneVerdict[]): number | null {
  let slowestMs = 0
  for (const { drainsInMs } of lanes) {
    if (drainsInMs === null) return null
    slowestMs = Math.max(slowestMs, drainsInMs)
  }
  return slowestMs
}

function soonest(lanes: readonly LaneVerdict[]): number | null {
  const losses = lanes.flatMap(({ firstLossInMs }) => firstLossInMs ?? [])
  return losses.length === 0 ? null : Math.min(...losses)
}

function sumOf(lanes: readonly LaneVerdict[], value: (lane: LaneVerdict) => number): number {
  return lanes.reduce((sum, lane) => sum + value(lane), 0)
}
