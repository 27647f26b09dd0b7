import { type ComparedFlow, type PathStep, stepOf } from '#domain/comparison/path-step.ts'
import type { Hop, TimeShare } from '#domain/flow/flow.ts'

/** Slower or faster by this factor and this much is a difference, less is noise. */
const TIME_FACTOR = 1.5
const LEAST_TIME_US = 5_000
/** So many more deliveries per flow, or so much more of them failed, is a difference. */
const COUNT_FACTOR = 1.2
const SHARE_STEP = 0.1

/** Nearest-rank quantiles in microseconds; null when nothing was measured. */
export interface Spread {
  readonly p50Us: number | null
  readonly p95Us: number | null
}

/** One step on one side, over all its flows. */
export interface StepFigures {
  /** In how many flows of the side the step occurs. */
  readonly flowCount: number
  readonly deliveryCount: number
  readonly failedCount: number
  readonly deadLetteredCount: number
  readonly dwell: Spread
  readonly processing: Spread
}

export type Difference =
  | 'only-left'
  | 'only-right'
  | 'more-deliveries'
  | 'fewer-deliveries'
  | 'more-failures'
  | 'fewer-failures'
  | 'longer-in-queue'
  | 'shorter-in-queue'
  | 'longer-processing'
  | 'shorter-processing'

/** A step of the path with what both sides did there; `left` and `right` are never both null. */
export interface ComparedStep extends PathStep {
  readonly left: StepFigures | null
  readonly right: StepFigures | null
  /** What the right side does otherwise than the left one; empty = alike. */
  readonly differences: readonly Difference[]
}

export interface SideFigures {
  readonly flowCount: number
  readonly duration: Spread
  /** Mean per flow, in microseconds. */
  readonly shares: Readonly<Record<TimeShare['kind'], number>>
}

export interface Comparison {
  readonly left: SideFigures
  readonly right: SideFigures
  /** Both paths laid over each other, in order of time. */
  readonly steps: readonly ComparedStep[]
}

/** Lays the paths of two sets of flows over each other and says where the right one differs from the left. */
export function compareSides(left: readonly ComparedFlow[], right: readonly ComparedFlow[]): Comparison {
  const [leftSteps, rightSteps] = [measureSteps(left), measureSteps(right)]
  const steps = alignSteps([...leftSteps.keys()], [...rightSteps.keys()]).flatMap((key) => {
    const step = leftSteps.get(key)?.step ?? rightSteps.get(key)?.step
    if (step === undefined) return []
    const figures = { left: leftSteps.get(key)?.figures ?? null, right: rightSteps.get(key)?.figures ?? null }
    return [
      { ...step, ...figures, differences: findDifferences(figures.left, figures.right, left.length, right.length) },
    ]
  })
  return { left: sumUp(left), right: sumUp(right), steps }
}

interface MeasuredStep {
  readonly step: PathStep
  readonly figures: StepFigures
}

/** By step key, in the order in which the steps first occur within their flows. */
function measureSteps(flows: readonly ComparedFlow[]): ReadonlyMap<string, MeasuredStep> {
  const hopsByKey = new Map<string, { readonly step: PathStep; readonly hops: Hop[]; readonly ranks: number[] }>()
  for (const { hops } of flows) {
    const seen = new Set<string>()
    for (const hop of hops) {
      const step = stepOf(hop)
      const known = hopsByKey.get(step.key) ?? { step, hops: [], ranks: [] }
      hopsByKey.set(step.key, known)
      known.hops.push(hop)
      if (!seen.has(step.key)) known.ranks.push(seen.size)
      seen.add(step.key)
    }
  }
  const meanRank = (ranks: readonly number[]) => ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length
  return new Map(
    [...hopsByKey]
      .toSorted(([, a], [, b]) => meanRank(a.ranks) - meanRank(b.ranks))
      .map(([key, { step, hops, ranks }]) => [key, { step, figures: measure(hops, ranks.length) }]),
  )
}

function measure(hops: readonly Hop[], flowCount: number): StepFigures {
  return {
    flowCount,
    deliveryCount: hops.length,
    failedCount: hops.filter(({ outcome }) => outcome === 'failed' || outcome === 'dead-lettered').length,
    deadLetteredCount: hops.filter(({ outcome }) => outcome === 'dead-lettered').length,
    dwell: spreadOf(hops.flatMap(({ dwellUs }) => dwellUs ?? [])),
    processing: spreadOf(
      hops.flatMap(({ receivedUs, settledUs }) =>
        receivedUs === null || settledUs === null ? [] : settledUs - receivedUs,
      ),
    ),
  }
}

function spreadOf(figures: readonly number[]): Spread {
  if (figures.length === 0) return { p50Us: null, p95Us: null }
  const sorted = figures.toSorted((left, right) => left - right)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
  return { p50Us: at(0.5), p95Us: at(0.95) }
}

/** The keys of both in one order: that of the left, with what only the right has after what precedes it there. */
function alignSteps(left: readonly string[], right: readonly string[]): readonly string[] {
  const aligned = [...left]
  for (const [index, key] of right.entries()) {
    if (aligned.includes(key)) continue
    const before = right.slice(0, index).findLast((one) => aligned.includes(one))
    aligned.splice(before === undefined ? 0 : aligned.indexOf(before) + 1, 0, key)
  }
  return aligned
}

function findDifferences(
  left: StepFigures | null,
  right: StepFigures | null,
  leftFlowCount: number,
  rightFlowCount: number,
): readonly Difference[] {
  if (left === null) return ['only-right']
  if (right === null) return ['only-left']
  const perFlow = { left: left.deliveryCount / leftFlowCount, right: right.deliveryCount / rightFlowCount }
  const failed = { left: left.failedCount / left.deliveryCount, right: right.failedCount / right.deliveryCount }
  return [
    ...(perFlow.right >= perFlow.left * COUNT_FACTOR ? (['more-deliveries'] as const) : []),
    ...(perFlow.left >= perFlow.right * COUNT_FACTOR ? (['fewer-deliveries'] as const) : []),
    ...(failed.right - failed.left >= SHARE_STEP ? (['more-failures'] as const) : []),
    ...(failed.left - failed.right >= SHARE_STEP ? (['fewer-failures'] as const) : []),
    ...(isLonger(left.dwell.p50Us, right.dwell.p50Us) ? (['longer-in-queue'] as const) : []),
    ...(isLonger(right.dwell.p50Us, left.dwell.p50Us) ? (['shorter-in-queue'] as const) : []),
    ...(isLonger(left.processing.p50Us, right.processing.p50Us) ? (['longer-processing'] as const) : []),
    ...(isLonger(right.processing.p50Us, left.processing.p50Us) ? (['shorter-processing'] as const) : []),
  ]
}

const isLonger = (thanUs: number | null, figureUs: number | null): boolean =>
  thanUs !== null &&
  figureUs !== null &&
  figureUs - thanUs >= LEAST_TIME_US &&
  figureUs >= Math.max(0, thanUs) * TIME_FACTOR

function sumUp(flows: readonly ComparedFlow[]): SideFigures {
  const mean = (kind: TimeShare['kind']) =>
    flows.reduce((sum, { shares }) => sum + shares[kind], 0) / Math.max(1, flows.length)
  return {
    flowCount: flows.length,
    duration: spreadOf(flows.map(({ durationUs }) => durationUs)),
    shares: {
      processing: mean('processing'),
      queue: mean('queue'),
      'back-off': mean('back-off'),
      parked: mean('parked'),
      idle: mean('idle'),
    },
  }
}
