import { addTally, type FlowTally, sumOf, tallyOf, type TraceTally } from '#telemetry-store/postgres/flow-tally.ts'
import type { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { MANY_KEYS, type TraceKeys } from '#telemetry-store/postgres/trace-keys.ts'

export interface FlowMember {
  readonly flowKey: string
  readonly traceId: string
  firstUs: number
  lastUs: number
}

/** What one batch adds to flow and flow_member. */
class FlowMerge {
  readonly flows = new Map<string, FlowTally>()
  readonly members = new Map<string, FlowMember>()
  /** Traces that have nothing better than their own id so far. */
  readonly fallbacks = new Set<string>()
  /** Traces whose spans may have been counted under the trace id until now, with their only key; null = several. */
  readonly outgrown = new Map<string, string | null>()

  /** The tally itself stays as it is. */
  add(key: string, traceId: string, tally: FlowTally): void {
    const flow = this.flows.get(key)
    this.flows.set(key, flow === undefined ? tally : sumOf(flow, tally))
    const pair = `${traceId}${key}`
    const member = this.members.get(pair)
    if (member === undefined)
      this.members.set(pair, { flowKey: key, traceId, firstUs: tally.firstUs, lastUs: tally.lastUs })
    else {
      member.firstUs = Math.min(member.firstUs, tally.firstUs)
      member.lastUs = Math.max(member.lastUs, tally.lastUs)
    }
  }
}

/**
 * Merges what a batch says about flows. A span without a key counts with the only key of its trace; while the trace has
 * none, under the trace id; when the trace has several, with none of them. `strays` are traces whose row under the trace
 * id may have been missed before. What is unknown of {@link unfamiliarTraces} has to be learnt before.
 */
export function mergeFlows(units: readonly StagedSpans[], keys: TraceKeys, strays: readonly string[]): FlowMerge {
  const merge = new FlowMerge()
  const outgrown = [...strays]
  for (const trace of mergeTraces(units).values()) placeTrace(trace, keys, merge, outgrown)
  for (const traceId of outgrown) {
    const key = keys.find(traceId)
    merge.outgrown.set(traceId, key === undefined || key === MANY_KEYS || key === traceId ? null : key)
  }
  return merge
}

/** Traces that came without a key and that this process has not seen: another collector, or an earlier run, may have. */
export function unfamiliarTraces(units: readonly StagedSpans[], keys: TraceKeys): readonly string[] {
  const unfamiliar = new Set<string>()
  for (const unit of units)
    for (const { traceId, byKey, withoutKey } of unit.traces.values())
      if (withoutKey !== null && byKey.size === 0 && keys.find(traceId) === undefined) unfamiliar.add(traceId)
  return [...unfamiliar]
}

/** The units themselves stay as they are: a batch that fails is merged again. Most traces are within one unit. */
function mergeTraces(units: readonly StagedSpans[]): Map<string, TraceTally> {
  const [first] = units
  if (first !== undefined && units.length === 1) return first.traces
  const merged = new Map<string, TraceTally>()
  for (const unit of units) {
    for (const [traceId, trace] of unit.traces) {
      const known = merged.get(traceId)
      merged.set(traceId, known === undefined ? trace : joinTraces(known, trace))
    }
  }
  return merged
}

function joinTraces(one: TraceTally, other: TraceTally): TraceTally {
  const sum: TraceTally = { traceId: one.traceId, byKey: new Map(), withoutKey: null }
  for (const trace of [one, other]) {
    for (const [key, tally] of trace.byKey) addTally(tallyOf(sum, key), tally)
    if (trace.withoutKey !== null) addTally(tallyOf(sum, null), trace.withoutKey)
  }
  return sum
}

function placeTrace(trace: TraceTally, keys: TraceKeys, merge: FlowMerge, outgrown: string[]): void {
  const { traceId } = trace
  for (const [key, tally] of trace.byKey) {
    const before = keys.add(traceId, key)
    if (before === undefined || before === traceId) outgrown.push(traceId)
    merge.add(key, traceId, tally)
  }
  if (trace.withoutKey === null) return
  const key = keys.find(traceId)
  if (key === MANY_KEYS) return
  if (key === undefined) keys.set(traceId, traceId)
  if (key === undefined || key === traceId) merge.fallbacks.add(traceId)
  merge.add(key ?? traceId, traceId, trace.withoutKey)
}
