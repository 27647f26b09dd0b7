import { buildMessageGraph } from '#domain/flow/build-message-graph.ts'
import { buildRows } from '#domain/flow/build-rows.ts'
import { describeDoubts } from '#domain/flow/describe-doubts.ts'
import { findCriticalPath } from '#domain/flow/find-critical-path.ts'
import { type FlowWitnesses, NO_WITNESSES } from '#domain/flow/destination-reader.ts'
import type { Flow, FlowFacts, TimelineRow } from '#domain/flow/flow.ts'
import { joinHops } from '#domain/flow/join-hops.ts'
import { attributeHops, judgeFlow } from '#domain/flow/judge-flow.ts'
import { placeDeadLetters } from '#domain/flow/place-dead-letters.ts'
import { settleOutcomes } from '#domain/flow/settle-outcomes.ts'
import { spanRowId } from '#domain/flow/row-shapes.ts'
import { shareTime } from '#domain/flow/share-time.ts'
import { printCount } from '#domain/lag/print-lag.ts'
import { runParts } from '#domain/run-parts.ts'
import { endUsOf, indexSpans, type SpanIndex } from '#domain/flow/span-index.ts'
import { describeStatus, summariseFlow } from '#domain/flow/summarise-flow.ts'

/**
 * One flow from what the stores know of it: hops joined message by message, the timeline as rows, where the time went,
 * what made it take so long, and how it ended. Never throws, whatever the spans claim about each other; times are
 * microseconds since the epoch by the senders' clocks, and disagreeing clocks are shown, not corrected.
 */
export function assembleFlow(facts: FlowFacts, witnesses: FlowWitnesses = NO_WITNESSES): Flow {
  return runParts(assembleInParts(facts, witnesses))
}

/** {@link assembleFlow} with pauses, because of a hundred thousand spans it takes seconds: whoever runs it may let others go first. */
export function* assembleInParts(facts: FlowFacts, witnesses: FlowWitnesses): Generator<void, Flow> {
  const index = indexSpans(facts)
  yield
  const { hops: joined, coveredReceives, omittedCount } = yield* joinHops(facts, index)
  yield
  const placed = placeDeadLetters(facts, index, joined)
  const outcomes = settleOutcomes(joined, placed, index)
  yield
  const hops = attributeHops(outcomes, witnesses)
  const byId = new Map(hops.map((one) => [one.hop.id, one]))
  const settled = placed.map((one) => ({
    ...one,
    failedHop: one.failedHop === null ? null : (byId.get(one.failedHop.hop.id) ?? null),
  }))
  yield
  const time = spanOfTime(facts, index)
  const { operationItems: items } = facts
  const rows = yield* buildRows({ index, hops, placed: settled, items, coveredReceives, endUs: time.endedUs })
  yield
  const summary = summariseFlow(facts, index, hops, settled, time)
  yield
  const critical = findCriticalPath(index, hops, settled, time.endedUs)
  const criticalIds = new Set(critical.steps.flatMap(({ rowIds }) => rowIds))
  yield
  const timeShares = shareTime(rows, isReceiveOnly(index), time.startedUs, time.endedUs)
  yield
  const graph = buildMessageGraph(index, hops, settled)
  yield
  return {
    summary,
    statusSentence: describeStatus(summary.status, hops, settled),
    rows: rows.map((row) => (criticalIds.has(row.id) ? { ...row, isCritical: true } : row)),
    hops: hops.map(({ hop }) => hop),
    deliveries: judgeFlow(hops, witnesses),
    timeShares,
    criticalPath: critical.names,
    criticalSteps: critical.steps,
    graph,
    deadLetters: facts.deadLetters,
    operationItems: facts.operationItems,
    names: facts.names ?? [],
    caps: [...facts.caps, ...sayOmitted(hops.length, omittedCount)],
    doubts: describeDoubts(index, hops, facts),
    omittedSpanCount: facts.omittedSpanCount,
  }
}

const sayOmitted = (hopCount: number, omittedCount: number): readonly string[] =>
  omittedCount === 0
    ? []
    : [`only the first ${printCount(hopCount)} of ${printCount(hopCount + omittedCount)} deliveries are placed`]

/** From the first thing known to the last; a flow of which nothing is known is at time 0. */
function spanOfTime(facts: FlowFacts, index: SpanIndex): { startedUs: number; endedUs: number } {
  let startedUs = Number.POSITIVE_INFINITY
  let endedUs = Number.NEGATIVE_INFINITY
  const include = (fromUs: number, toUs: number): void => {
    startedUs = Math.min(startedUs, fromUs)
    endedUs = Math.max(endedUs, toUs)
  }
  for (const span of index.spans) include(span.startUs, endUsOf(span))
  for (const { deadUs } of facts.deadLetters) include(deadUs, deadUs)
  for (const { sentUs } of facts.operationItems) include(sentUs, sentUs)
  return Number.isFinite(startedUs) ? { startedUs, endedUs } : { startedUs: 0, endedUs: 0 }
}

/** A receive span is the client's own waiting for messages, not work. */
function isReceiveOnly({ spans }: SpanIndex): (row: TimelineRow) => boolean {
  const waits = new Set(spans.filter(({ messaging }) => messaging?.operation === 'receive').map(spanRowId))
  return ({ id }) => waits.has(id)
}
