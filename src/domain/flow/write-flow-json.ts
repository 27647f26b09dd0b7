import { confidenceOf } from '#domain/flow/build-message-graph.ts'
import type { Flow, Hop } from '#domain/flow/flow.ts'
import type { FlowMember } from '#domain/flow/flow-members.ts'
import { FLOW_JSON_VERSION, type FlowJson } from '#domain/flow/flow-json.ts'
import { totalTime } from '#domain/flow/thin-shares.ts'
import { printCount } from '#domain/lag/print-lag.ts'

/** Hops and verdicts beyond this are left out, and that is said. */
const MOST_HOPS = 50_000

/** A flow as it is downloaded. @param nowMs when it was */
export function writeFlowJson(flow: Flow, members: readonly FlowMember[], nowMs: number): FlowJson {
  const { summary, deliveries } = flow
  const isCut = flow.hops.length > MOST_HOPS
  return {
    format: 'throughline-flow',
    version: FLOW_JSON_VERSION,
    exportedAt: new Date(nowMs).toISOString(),
    flowKey: summary.flowKey,
    status: summary.status,
    statusSentence: flow.statusSentence,
    startedUs: summary.startedUs,
    endedUs: summary.endedUs,
    spanCount: summary.spanCount,
    errorCount: summary.errorCount,
    timeTotals: [...totalTime(flow.timeShares)],
    criticalPath: [...flow.criticalPath],
    criticalTotals: [...totalTime(flow.criticalSteps)],
    names: flow.names.map((name) => ({ ...name })),
    members: [...members],
    hops: flow.hops.slice(0, MOST_HOPS).map(writeHop),
    verdicts: deliveries.deliveries.map(
      ({ group, clusterId, destination, readFrom, kind, sentence, advice, sentUs, hopId }) => ({
        group,
        clusterId,
        destination,
        readFrom,
        kind,
        sentence,
        advice,
        sentUs,
        hopId,
      }),
    ),
    deadLetters: flow.deadLetters.map(({ traceId: _trace, spanId: _span, ...letter }) => letter),
    operations: flow.operationItems.map((item) => ({
      operationId: item.operationId,
      number: item.operationNumber,
      kind: item.kind,
      actor: item.actorName,
      reason: item.reason,
      sentUs: item.sentUs,
      deadLetterId: item.deadLetterId,
      destination: item.targetDestination,
      position: item.targetPosition,
      outcome: item.outcome,
      traceId: item.traceId,
      spanId: item.spanId,
    })),
    caps: [
      ...flow.caps,
      ...(isCut
        ? [`only the first ${printCount(MOST_HOPS)} of ${printCount(flow.hops.length)} hops are in the file`]
        : []),
    ],
    doubts: [...flow.doubts],
    omittedSpanCount: flow.omittedSpanCount,
  }
}

function writeHop(hop: Hop): FlowJson['hops'][number] {
  const { sender, receiver, attribution } = hop
  return {
    id: hop.id,
    system: hop.system,
    destination: hop.destination,
    position: hop.offset === null ? null : { partition: hop.partition, offset: hop.offset },
    messageId: hop.messageId,
    sent: sender === null ? null : { ...sender, atUs: hop.sentUs },
    received: receiver === null || hop.receivedUs === null ? null : { ...receiver, atUs: hop.receivedUs },
    settledUs: hop.settledUs,
    group:
      attribution === null
        ? null
        : {
            name: attribution.group,
            clusterId: attribution.clusterId,
            confidence: attribution.confidence,
            evidence: attribution.evidence,
          },
    attempt: hop.attempt,
    dwellUs: hop.dwellUs,
    isSkewed: hop.isSkewed,
    isDwellBounded: hop.isDwellBounded,
    outcome: hop.outcome,
    joinedBy: hop.joinedBy,
    joinConfidence: hop.joinedBy === 'none' ? 'none' : confidenceOf(hop.joinedBy, hop.oneOf),
    oneOf: hop.oneOf,
  }
}
