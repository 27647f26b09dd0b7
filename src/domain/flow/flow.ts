import type { ConsumerAttribution } from '#domain/flow/attribute-consumer.ts'
import type { DeliveryVerdict } from '#domain/flow/judge-delivery.ts'
import type { FlowName } from '#domain/flow/flow-name.ts'
import type { MessageGraph } from '#domain/flow/message-graph.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'

/** How two halves of a hop were joined, strongest first (tracing conventions, section 2.3). */
export type JoinEvidence = 'link' | 'parent' | 'message-id' | 'position' | 'operation-item' | 'key' | 'none'

export type HopOutcome = 'processed' | 'failed' | 'dead-lettered' | 'in-flight' | 'waiting' | 'unknown'

/** One delivery of one message: produced, waited (dwell), processed, settled. */
export interface Hop {
  readonly id: string
  readonly system: string
  readonly destination: string
  readonly partition: string | null
  readonly offset: string | null
  readonly messageId: string | null
  readonly sender: SpanRef | null
  readonly receiver: SpanRef | null
  /** As the receiver's span names it; see `attribution` for what is known when it does not. */
  readonly consumerGroup: string | null
  /** null without a receiver. */
  readonly attribution: ConsumerAttribution | null
  /** The first delivery is 1; null when nothing tells. */
  readonly attempt: number | null
  readonly outcome: HopOutcome
  readonly sentUs: number | null
  readonly receivedUs: number | null
  readonly settledUs: number | null
  /** received - sent; negative values are kept and flagged by `isSkewed`, never clamped. null when a half is missing. */
  readonly dwellUs: number | null
  readonly isSkewed: boolean
  /** Whether the span stands for more than this message (a whole batch, a long poll), so that `dwellUs` is only near. */
  readonly isDwellBounded: boolean
  readonly joinedBy: JoinEvidence
  /** Of how many outputs of a batch this may be the one that belongs to the flow; null when it surely does. */
  readonly oneOf: number | null
}

export interface SpanRef {
  readonly traceId: string
  readonly spanId: string
  readonly service: string
}

export type FlowStatus = 'completed' | 'failed' | 'dead-lettered' | 'redriven' | 'running'

/** One row of the flow list. */
export interface FlowSummary {
  readonly flowKey: string
  readonly startedUs: number
  readonly endedUs: number
  readonly services: readonly string[]
  readonly destinations: readonly string[]
  readonly traceCount: number
  readonly spanCount: number
  readonly errorCount: number
  readonly hopCount: number
  readonly status: FlowStatus
}

/** A dead letter as it appears on its flow. */
export interface FlowDeadLetter {
  readonly id: string
  readonly clusterId: string
  readonly destination: string
  readonly position: string
  readonly originDestination: string | null
  readonly deadUs: number
  readonly exceptionClass: string | null
  readonly exceptionMessage: string | null
  readonly state: 'open' | 'redriven' | 'discarded' | 'expired'
  readonly traceId: string | null
  readonly spanId: string | null
}

/** One item of an operation that sent a copy into this flow. */
export interface FlowOperationItem {
  readonly operationId: string
  readonly operationNumber: number
  readonly kind: string
  readonly actorName: string
  readonly reason: string
  readonly sentUs: number
  readonly deadLetterId: string | null
  readonly targetDestination: string
  readonly targetPosition: string | null
  readonly outcome: 'unknown' | 'processed' | 'failed-again' | 'not-seen'
  /** The span that we recorded for the copy; the receiver's span has it as parent or link. */
  readonly traceId: string
  readonly spanId: string
}

/** What the stores give for one flow; {@link Flow} is assembled from it by pure code. */
export interface FlowFacts {
  readonly flowKey: string
  readonly spans: readonly SpanRecord[]
  /** Spans that exist beyond the caps of the read; 0 when everything was read. */
  readonly omittedSpanCount: number
  /** Why something was cut, in words; empty when nothing was. */
  readonly caps: readonly string[]
  readonly deadLetters: readonly FlowDeadLetter[]
  readonly operationItems: readonly FlowOperationItem[]
  /** Where the spans break off and the flow goes on all the same: the record key says so, or the order of events. */
  readonly bridges?: readonly { readonly from: SpanLink; readonly by: 'key' | 'order' }[]
  /** Ids that no span carries; absent and empty mean the same. */
  readonly names?: readonly FlowName[]
  readonly silentPolls?: readonly SilentPoll[]
}

/** Somebody who took messages without naming any: this flow's may be among them. */
export interface SilentPoll {
  readonly service: string
  readonly destination: string
}

export type TimelineRowKind = 'span' | 'queue' | 'back-off' | 'parked' | 'operation'

/** One bar of the timeline, already ordered and indented. */
export interface TimelineRow {
  readonly id: string
  readonly kind: TimelineRowKind
  readonly depth: number
  readonly service: string
  readonly label: string
  readonly note: string | null
  readonly startUs: number
  readonly durationUs: number
  readonly tone: 'normal' | 'ok' | 'bad' | 'warn' | 'replay' | 'dim'
  readonly span: SpanRef | null
  readonly hopId: string | null
  readonly deadLetterId: string | null
  readonly operationId: string | null
  /** Whether the flow would have been over sooner without it. */
  readonly isCritical: boolean
}

/** One stretch of the chain that decided how long the flow took. */
export interface CriticalStep {
  readonly kind: TimeShare['kind']
  /** The service that worked, or the destination that held the message. */
  readonly name: string
  /** The rows of the timeline that show it, the innermost first. */
  readonly rowIds: readonly string[]
  readonly startUs: number
  readonly durationUs: number
}

/** One stretch of the where-the-time-went bar; stretches do not overlap and cover the flow. */
export interface TimeShare {
  readonly kind: 'processing' | 'queue' | 'back-off' | 'parked' | 'idle'
  readonly startUs: number
  readonly durationUs: number
}

/** One message and one group that should take it. */
export interface FlowDelivery extends DeliveryVerdict {
  readonly id: string
  /** What the sender calls it, and where the group reads it: a queue of the group's own on some brokers. */
  readonly destination: string
  readonly readFrom: string
  readonly group: string
  /** Where the group's page is; null when no broker knows it. */
  readonly clusterId: string | null
  readonly senderService: string | null
  readonly sentUs: number | null
  readonly hopId: string | null
}

export interface FlowDeliveries {
  readonly deliveries: readonly FlowDelivery[]
  /** `consumed by 3 of 4 groups`; null when nobody was expected to take anything. */
  readonly sentence: string | null
}

export interface Flow {
  readonly summary: FlowSummary
  /** `Dead-lettered, redriven, completed`: what became of the flow, in words. */
  readonly statusSentence: string
  readonly rows: readonly TimelineRow[]
  readonly hops: readonly Hop[]
  readonly deliveries: FlowDeliveries
  readonly timeShares: readonly TimeShare[]
  readonly criticalPath: readonly string[]
  readonly criticalSteps: readonly CriticalStep[]
  readonly graph: MessageGraph
  readonly deadLetters: readonly FlowDeadLetter[]
  readonly operationItems: readonly FlowOperationItem[]
  /** Ids of the flow that stand in the broker's records alone. */
  readonly names: readonly FlowName[]
  readonly caps: readonly string[]
  /** What makes the picture less certain than it looks (clocks, dropped links), as sentences. */
  readonly doubts: readonly string[]
  readonly omittedSpanCount: number
}
