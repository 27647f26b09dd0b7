import { compareSides, type Comparison } from '#domain/comparison/compare-sides.ts'
import { type ComparisonSide, parseComparisonSide } from '#domain/comparison/comparison-side.ts'
import { type ComparedFlow, cutComparedFlow } from '#domain/comparison/path-step.ts'
import { Failure } from '#domain/failure.ts'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { Runtime } from '#server/runtime.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'
import { openFlow } from '#server/read-flow.ts'

/** Flows of a cohort, and spans of each: a sample, said as such. */
const COHORT_FLOWS = 40
const COHORT_SPANS = 2_000
const AT_ONCE = 4
/** Where flows of a version are looked for: ends of windows, this long before now. */
const NO_MATCH = { id: null, destination: null, status: 'all', minDurationUs: null, cursor: null } as const
const PROBE_AGES_MS = [0, 900_000, 3_600_000, 3 * 3_600_000, 6 * 3_600_000, 12 * 3_600_000, 24 * 3_600_000]
const PROBE_FLOWS = 20
const DAY_MS = 86_400_000

export interface ComparisonAnswer extends Comparison {
  readonly nowMs: number
  /** The flows that stand on each side. */
  readonly leftKeys: readonly string[]
  readonly rightKeys: readonly string[]
}

/** @throws Failure `invalid` for a side that cannot be read, `not-found` for one that holds no flow. */
export async function readComparison(
  runtime: Runtime,
  asked: { readonly left: string; readonly right: string },
): Promise<ComparisonAnswer> {
  const left = await readSide(runtime, asked.left, 'left')
  const right = await readSide(runtime, asked.right, 'right')
  return {
    ...compareSides(left, right),
    nowMs: runtime.nowMs(),
    leftKeys: left.map(({ flowKey }) => flowKey),
    rightKeys: right.map(({ flowKey }) => flowKey),
  }
}

async function readSide(runtime: Runtime, text: string, name: string): Promise<readonly ComparedFlow[]> {
  const side = parseComparisonSide(text)
  if (side === null) throw new Failure('invalid', `the ${name} side names no flow, window or version`)
  const flows = await readFlowsOf(runtime, side)
  if (flows.length === 0) throw new Failure('not-found', `the ${name} side holds no flow`)
  return flows
}

async function readFlowsOf(runtime: Runtime, side: ComparisonSide): Promise<readonly ComparedFlow[]> {
  switch (side.kind) {
    case 'window': {
      const flows = await listFlowKeys(runtime, {
        fromMs: side.fromMs,
        toMs: side.toMs,
        service: null,
        limit: COHORT_FLOWS,
      })
      return readCohort(runtime, flows, () => true)
    }
    case 'version':
      return readVersion(runtime, side.service, side.version)
    default: {
      const { flow } = await openFlow(runtime, side.flowKey)
      return [cutComparedFlow(flow, side.kind === 'flow' ? null : side.kind)]
    }
  }
}

/** Newest flows of a service whose spans say the version, from a few moments of the last day. */
async function readVersion(runtime: Runtime, service: string, version: string): Promise<readonly ComparedFlow[]> {
  const found = new Map<string, ComparedFlow>()
  for (const ageMs of PROBE_AGES_MS) {
    const toMs = runtime.nowMs() - ageMs
    const keys = await listFlowKeys(runtime, { fromMs: toMs - DAY_MS, toMs, service, limit: PROBE_FLOWS })
    const fresh = keys.filter((key) => !found.has(key))
    for (const flow of await readCohort(
      runtime,
      fresh,
      (one) => one.service === service && one.serviceVersion === version,
    ))
      found.set(flow.flowKey, flow)
    if (found.size >= COHORT_FLOWS) break
  }
  return [...found.values()].slice(0, COHORT_FLOWS)
}

interface FlowsAsked {
  readonly fromMs: number
  readonly toMs: number
  readonly service: string | null
  readonly limit: number
}

async function listFlowKeys(runtime: Runtime, asked: FlowsAsked): Promise<readonly string[]> {
  const query: FlowQuery = {
    ...NO_MATCH,
    fromUs: asked.fromMs * 1000,
    toUs: asked.toMs * 1000,
    service: asked.service,
    limit: asked.limit,
  }
  const { flows } = await runtime.telemetry.listFlows(query)
  return flows.map(({ flowKey }) => flowKey)
}

type Wanted = (span: { readonly service: string; readonly serviceVersion: string | null }) => boolean

/** Reads flows a few at a time; keeps those that have a wanted span. */
async function readCohort(
  runtime: Runtime,
  keys: readonly string[],
  isWanted: Wanted,
): Promise<readonly ComparedFlow[]> {
  const flows: ComparedFlow[] = []
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE).map((key) => runtime.telemetry.readFlowSpans(key, COHORT_SPANS, 'all'))
    for (const read of await Promise.all(some)) {
      if (!read.spans.some((span) => isWanted(span))) continue
      // Dead letters and operations are left out: reading them for every flow of a cohort would cost more than the spans.
      const flow = assembleFlow({ ...read, deadLetters: [], operationItems: [] })
      flows.push(cutComparedFlow(flow, null))
    }
  }
  return flows
}
