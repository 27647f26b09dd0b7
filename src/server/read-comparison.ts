import { compareSides, type Comparison } from '#domain/comparison/compare-sides.ts'
import { type ComparisonSide, parseComparisonSide } from '#domain/comparison/comparison-side.ts'
import { cutComparedFlow } from '#domain/comparison/path-step.ts'
import { Failure } from '#domain/failure.ts'
import { type Cohort, type CohortSize, readVersionCohort, readWindowCohort } from '#server/read-cohort.ts'
import { openFlow } from '#server/read-flow.ts'
import type { Runtime } from '#server/runtime.ts'

export interface ComparisonAnswer extends Comparison {
  readonly nowMs: number
  /** The flows that stand on each side. */
  readonly leftKeys: readonly string[]
  readonly rightKeys: readonly string[]
  readonly leftSize: CohortSize
  readonly rightSize: CohortSize
}

/** @throws Failure `invalid` for a side that cannot be read, `not-found` for one that holds no flow. */
export async function readComparison(
  runtime: Runtime,
  asked: { readonly left: string; readonly right: string },
): Promise<ComparisonAnswer> {
  const left = await readSide(runtime, asked.left, 'left')
  const right = await readSide(runtime, asked.right, 'right')
  return {
    ...compareSides(left.flows, right.flows),
    nowMs: runtime.nowMs(),
    leftKeys: left.flows.map(({ flowKey }) => flowKey),
    rightKeys: right.flows.map(({ flowKey }) => flowKey),
    leftSize: left.size,
    rightSize: right.size,
  }
}

async function readSide(runtime: Runtime, text: string, name: string): Promise<Cohort> {
  const side = parseComparisonSide(text)
  if (side === null) throw new Failure('invalid', `the ${name} side names no flow, window or version`)
  const cohort = await readFlowsOf(runtime, side)
  if (cohort.flows.length === 0) throw new Failure('not-found', `the ${name} side holds no flow`)
  return cohort
}

async function readFlowsOf(runtime: Runtime, side: ComparisonSide): Promise<Cohort> {
  switch (side.kind) {
    case 'window':
      return readWindowCohort(runtime, side.fromMs, side.toMs)
    case 'version':
      return readVersionCohort(runtime, side.service, side.version)
    default: {
      const { flow } = await openFlow(runtime, side.flowKey)
      const compared = cutComparedFlow(flow, side.kind === 'flow' ? null : side.kind)
      return { flows: [compared], size: { totalCount: 1, isEstimate: false, lookedAtCount: 1 } }
    }
  }
}
