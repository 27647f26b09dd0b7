import { evaluateLane } from '#domain/lag/evaluate-lane.ts'
import type { LagContext, LagEvaluation, LagProof, LaneReading, LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import { describeLag } from '#domain/lag/lag-sentence.ts'
import { type DrainOutlook, LAG_STATES, type LagSample, type LagState } from '#domain/lag/lag-status.ts'
import { STANDSTILL_MS } from '#domain/lag/lane-progress.ts'

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
/** A rebalance is young for this many usual gaps between commits, too. */
const REBALANCE_GAPS = 2
/** As many readings as a person reads to believe a verdict. */
const PROOF_SAMPLES = 6

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
  const state = groupState(verdicts, context)
  const behind = oldestLane(committed)
  const isDrainKnown = committed.length > 0 && committed.every(({ drainPerSecond }) => drainPerSecond !== null)
  const isReadable = context.unreadableBecause === null
  const evaluation: Omit<LagEvaluation, 'sentence'> = {
    state,
    lagMessages: committed.length === 0 || !isReadable ? null : sumOf(committed, (lane) => lane.lagMessages ?? 0),
    lostMessages: sumOf(verdicts, (lane) => lane.lostMessages),
    timeBehindMs: behind?.timeBehindMs ?? null,
    timeBehindErrorMs: behind?.timeBehindErrorMs ?? null,
    timeBehindMethod: behind?.timeBehindMethod ?? null,
    drainPerSecond: isDrainKnown ? sumOf(committed, (lane) => lane.drainPerSecond ?? 0) : null,
    ...drainOf(committed),
    ...firstLossOf(committed),
    lossIfStoppedInMs: soonest(committed.map((lane) => lane.lossIfStoppedInMs)),
    isExpected: state === 'PAUSED' || (state === 'REWOUND' && context.rewoundBecause !== null),
    isApproximate: context.isCompacted,
    lanes: verdicts,
    proof: proofOf(decidingLane(verdicts, state), lanes),
  }
  return { ...evaluation, sentence: describeLag(evaluation, context) }
}

function groupState(verdicts: readonly LaneVerdict[], context: LagContext): LagState {
  // A lane without a position says nothing about the others; alone it is all there is to say.
  const worst = worstOf(verdicts.filter(({ state }) => state !== 'NO_COMMIT'))
  if (worst === 'DATA_LOSS') return worst
  if (context.unreadableBecause !== null || verdicts.length === 0) return 'UNKNOWN'
  if (context.pausedBecause !== null && (worst === null || EXPLAINED_BY_PAUSE.includes(worst))) return 'PAUSED'
  if (worst === null) return 'NO_COMMIT'
  const graceMs = Math.max(STANDSTILL_MS, ...verdicts.map((lane) => REBALANCE_GAPS * (lane.usualGapMs ?? 0)))
  const isYoungRebalance = context.rebalancingSinceMs !== null && context.nowMs - context.rebalancingSinceMs <= graceMs
  return isYoungRebalance && EXPLAINED_BY_REBALANCE.includes(worst) ? 'REBALANCING' : worst
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

/** The lane whose state is the group's, and of several the one that owes most. */
function decidingLane(lanes: readonly LaneVerdict[], state: LagState): string | null {
  const alike = lanes.filter((lane) => lane.state === state)
  const candidates = alike.length > 0 ? alike : lanes
  return (
    candidates.reduce<LaneVerdict | null>(
      (most, lane) => ((lane.lagMessages ?? -1) > (most?.lagMessages ?? -2) ? lane : most),
      null,
    )?.lane ?? null
  )
}

/** The group is done when its slowest lane is; one lane that does not drain means never, not a sum that hides it. */
function drainOf(
  lanes: readonly LaneVerdict[],
): Pick<LagEvaluation, 'drainOutlook' | 'drainsInMs' | 'drainsLowMs' | 'drainsHighMs'> {
  const has = (outlook: DrainOutlook) => lanes.some(({ drainOutlook }) => drainOutlook === outlook)
  if (lanes.length === 0 || has('never') || has('unknown')) {
    return { drainOutlook: has('never') ? 'never' : 'unknown', drainsInMs: null, drainsLowMs: null, drainsHighMs: null }
  }
  return {
    drainOutlook: has('draining') ? 'draining' : 'done',
    drainsInMs: Math.max(...lanes.map((lane) => lane.drainsInMs ?? 0)),
    drainsLowMs: Math.max(...lanes.map((lane) => lane.drainsLowMs ?? 0)),
    drainsHighMs: Math.max(...lanes.map((lane) => lane.drainsHighMs ?? 0)),
  }
}

function firstLossOf(lanes: readonly LaneVerdict[]): Pick<LagEvaluation, 'firstLossInMs' | 'lossCause'> {
  const firstLossInMs = soonest(lanes.map((lane) => lane.firstLossInMs))
  const first = lanes.find((lane) => lane.firstLossInMs !== null && lane.firstLossInMs === firstLossInMs)
  return { firstLossInMs, lossCause: first?.lossCause ?? null }
}

function soonest(times: readonly (number | null)[]): number | null {
  const known = times.filter((ms) => ms !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** The newest readings, and of those before the ones at which the position or the lag began to be what it is. */
function proofOf(lane: string | null, lanes: ReadonlyMap<string, LaneReading>): readonly LagProof[] {
  if (lane === null) return []
  const samples = lanes.get(lane)?.samples ?? []
  const changed = samples.findLastIndex((sample, index) => sample.committed !== samples[index - 1]?.committed)
  const picked = new Set<LagSample>()
  for (const index of [samples.length - 1, changed, changed - 1]) {
    const sample = samples[index]
    if (sample !== undefined) picked.add(sample)
  }
  const left = PROOF_SAMPLES - picked.size
  for (let part = 1; part <= left; part += 1) {
    const sample = samples[Math.round(((samples.length - 1) * part) / (left + 1))]
    if (sample !== undefined) picked.add(sample)
  }
  return [...picked]
    .toSorted((a, b) => b.atMs - a.atMs)
    .map(({ atMs, committed, end, start }) => ({
      lane,
      atMs,
      committed,
      end,
      lagMessages: committed === null ? null : Math.max(0, end - Math.max(committed, start)),
    }))
}

function sumOf(lanes: readonly LaneVerdict[], value: (lane: LaneVerdict) => number): number {
  return lanes.reduce((sum, lane) => sum + value(lane), 0)
}
