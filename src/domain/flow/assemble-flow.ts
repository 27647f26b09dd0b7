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
import { shareTime } from '#domain/flow/share-time.ts'
import { endUsOf, indexSpans, type SpanIndex } from '#domain/flow/span-index.ts'
import { describeStatus, summariseFlow } from '#domain/flow/summarise-flow.ts'

/**
 * One flow from what the stores know of it: hops joined message by message, the timeline as rows, where the time went,
 * what made it take so long, and how it ended. Never throws, whatever the spans claim about each other; times are
 * microseconds since the epoch by the senders' clocks, and disagreeing clocks are shown, not corrected.
 */
export function assembleFlow(facts: FlowFacts, witnesses: FlowWitnesses = NO_WITNESSES): Flow {
  const index = indexSpans(facts)
  const { hops: joined, coveredReceives } = joinHops(facts, index)
  const placed = placeDeadLetters(facts, index, joined)
  const hops = attributeHops(settleOutcomes(joined, placed, index), witnesses)
  const byId = new Map(hops.map((one) => [one.hop.id, one]))
  const settled = placed.map((one) => ({
    ...one,
    failedHop: one.failedHop === null ? null : (byId.get(one.failedHop.hop.id) ?? null),
  }))
  const time = spanOfTime(facts, index)
  const rows = buildRows({
    index,
    hops,
    placed: settled,
    items: facts.operationItems,
    coveredReceives,
    endUs: time.endedUs,
  })
  const summary = summariseFlow(facts, index, hops, settled, time)
  const critical = findCriticalPath(index, hops, settled, time.endedUs)
  const criticalIds = new Set(critical.steps.flatMap(({ rowIds }) => rowIds))
  return {
    summary,
    statusSentence: describeStatus(summary.status, hops, settled),
    rows: rows.map((row) => (criticalIds.has(row.id) ? { ...row, isCritical: true } : row)),
    hops: hops.map(({ hop }) => hop),
    deliveries: judgeFlow(hops, witnesses),
    timeShares: shareTime(rows, isReceiveOnly(index), time.startedUs, time.endedUs),
    criticalPath: critical.names,
    criticalSteps: critical.steps,
    graph: buildMessageGraph(index, hops, settled),
    deadLetters: facts.deadLetters,
    operationItems: facts.operationItems,
    names: facts.names ?? [],
    caps: facts.caps,
    doubts: describeDoubts(index, hops, facts.bridges),
    omittedSpanCount: facts.omittedSpanCount,
  }
}

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
function isReceiveOnly(index: SpanIndex): (row: TimelineRow) => boolean {
  return ({ kind, span }) =>
    kind === 'span' &&
    span !== null &&
    index.byKey.get(`${span.traceId}:${span.spanId}`)?.messaging?.operation === 'receive'
}
