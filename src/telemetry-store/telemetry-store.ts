import type { ObservedSpan } from '#domain/convention/observed-span.ts'
import type { SeenReceiver } from '#domain/flow/destination-reader.ts'
import type { FlowName } from '#domain/flow/flow-name.ts'
import type { FlowSummary, SilentPoll } from '#domain/flow/flow.ts'
import type { StripStep } from '#domain/flow/hop-strip.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import type { SampledMessage } from '#domain/trace/preview-rule.ts'
import type { SpanKind, SpanLink, SpanRecord } from '#domain/trace/span.ts'

/** The port that hides where telemetry lives. Postgres today; the laws are in contract.ts. */
export interface TelemetryReader {
  /** Newest first, keyset pages. Bounded in work: a page may be short though more follows. */
  listFlows(query: FlowQuery, signal?: AbortSignal): Promise<FlowPage>
  countFlows(query: FlowQuery, stepUs: number): Promise<FlowHistogram>
  /**
   * The spans that belong to a flow key (or to one of its aliases), by start time, capped. Empty when nobody knows the key.
   * `hops`: only spans of messages, roots and errors, from which the hops are known.
   */
  readFlowSpans(flowKey: string, cap: number, wanted?: 'all' | 'hops'): Promise<FlowSpans>
  /** How many spans are stored under exactly this key, as the list of flows counts them; 0 for an alias and for an unknown key. */
  countFlowSpans(flowKey: string): Promise<number>
  /** Everything the sender said about one span. null when it is not stored (never seen, or past retention). */
  readSpanDetail(traceId: string, spanId: string): Promise<SpanDetail | null>
  /** Which flow a span or message belongs to; null when unknown. */
  findFlowKeyOfTrace(traceId: string): Promise<string | null>
  /** Deliveries whose sender is one of these spans: what became of messages that we sent. */
  readDeliveriesOf(senders: readonly SpanLink[]): Promise<readonly Delivery[]>
  readDestinationSeries(query: SeriesQuery): Promise<readonly DestinationBucket[]>
  /**
   * Who sent to which destination and who received from it and from whom, over the buckets in [fromUs, toUs): those of
   * ten seconds that begin there, of the longer ones of older times the share that lies there.
   * @throws Failure `limit` when the window holds too much for one answer.
   */
  readEdges(window: TelemetryWindow): Promise<SeenEdges>
  /** All messages over all destinations by the step, oldest first; steps in which nothing happened are left out. */
  readTraffic(window: TelemetryWindow, stepSeconds: number): Promise<readonly TrafficStep[]>
  /** How many flows began in [fromUs, toUs) and how long they took; cheap enough to be asked every few seconds. */
  readFlowFigures(fromUs: number, toUs: number): Promise<FlowFigures>
  /** Who took messages of these destinations since then; null = of any destination. */
  readReceivers(destinations: readonly string[] | null, fromUs: number): Promise<readonly SeenReceiver[]>
  /** Recent traces of each service that sent or took messages in the window: a sample, bounded per service and trace. */
  observeServices(window: TelemetryWindow): Promise<readonly ObservedSpan[]>
  /** Versions that a service said it has in the last week, in the order of text; at most 50. */
  readServiceVersions(service: string): Promise<readonly string[]>
  /** How long messages waited that a consumer group took in the window, by destination. */
  readGroupDwell(takers: GroupTakers, window: TelemetryWindow): Promise<readonly MeasuredDwell[]>
  /** Versions of the services behind a consumer group that followed another one in the window, oldest first. */
  readDeploys(takers: GroupTakers, window: TelemetryWindow): Promise<readonly Deploy[]>
  /** The newest spans that took messages, oldest first; the window is shortened when it holds too many. */
  readTakenSpans(query: TakenQuery): Promise<TakenSpans>
  /** The spans of some traces, at most 500 of each, in no order. */
  readTraces(traceIds: readonly string[]): Promise<readonly SpanRecord[]>
  /** What sampling made of the spans received since then; all zero while every flow is kept. */
  readSampling(fromUs: number): Promise<SamplingFigures>
  /** Names and addresses of the hosts that services say they run on. */
  readServiceHosts(services: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>
  /** Spans about messages of the destinations that a pattern means, the newest first, of different moments; at most `limit`. */
  readRecentMessages(query: RecentMessagesQuery): Promise<readonly SampledMessage[]>
}

export interface RecentMessagesQuery {
  /** null = any. */
  readonly system: string | null
  /** A name, in which `*` stands for any run of characters. */
  readonly destination: string
  readonly fromUs: number
  readonly limit: number
}

/** Spans; what was received is kept, dropped, or belongs to flows that are not decided yet. */
export interface SamplingCounts {
  readonly receivedCount: number
  readonly keptCount: number
  readonly droppedCount: number
}

export interface SamplingFigures extends SamplingCounts {
  /** Where something was dropped, most first, at most 50; null = spans that are not about a message. */
  readonly destinations: readonly (SamplingCounts & { readonly destination: string | null })[]
}

/** Who takes messages for a group: spans that name it, and those of these services that name no group. */
export interface GroupTakers {
  readonly group: string
  readonly services: readonly string[]
}

/** From sending to taking, as spans tell it. */
export interface MeasuredDwell {
  readonly destination: string
  readonly receivedCount: number
  /** null when no wait is known. */
  readonly p50Us: number | null
  readonly p95Us: number | null
}

export interface Deploy {
  readonly service: string
  readonly version: string
  /** When the version was first seen. */
  readonly atUs: number
}

export interface TelemetryWindow {
  readonly fromUs: number
  readonly toUs: number
}

export interface SeenEdges {
  readonly edges: readonly ServiceEdge[]
  /** Length of the longest bucket that was read: what happened is not known at a finer time. */
  readonly bucketMs: number
}

export interface TakenQuery extends TelemetryWindow {
  /** null = of every destination. */
  readonly destination: string | null
}

export interface TakenSpans {
  readonly spans: readonly SpanRecord[]
  /** Where the window really begins. */
  readonly fromUs: number
}

export interface TrafficStep {
  readonly atUs: number
  readonly sentCount: number
  readonly receivedCount: number
  readonly errorCount: number
}

/** End to end means from a flow's first span's start to its last span's end, as stored when asked. */
export interface FlowFigures {
  readonly flowCount: number
  /** null when no flow began in the window. */
  readonly durationP50Us: number | null
  readonly durationP95Us: number | null
}

/** What a flow may be asked to have beside what its list row says. Absent and null both mean: not asked. */
export interface FlowMatch {
  readonly consumerGroup?: string | null
  /** The type of an exception that a span recorded, in any case, with or without its package. */
  readonly failure?: string | null
  /** The key of a message that was sent, exact. */
  readonly messageKey?: string | null
  readonly maxDurationUs?: number | null
  /** A message waited at least this long; waits under a second are not known. */
  readonly minDwellUs?: number | null
  /** A message was taken at least this often by the same consumers. */
  readonly minAttempt?: number | null
  readonly attribute?: AttributeMatch | null
}

export interface AttributeMatch {
  readonly key: string
  /** As text, exact; null = any value. */
  readonly value: string | null
  /** null = the key is not indexed: spans are looked through. */
  readonly index: { readonly number: number; readonly completeFromUs: number } | null
}

/**
 * The window is when the flow began. With a failure, message key, dwell, attempt or attribute it is when that happened,
 * and the flows come in the order in which it did; one that did it twice may then stand on two pages.
 */
export interface FlowQuery extends FlowMatch {
  readonly fromUs: number
  readonly toUs: number
  /** Correlation id, trace id, message id, alias or `topic/partition/offset`, exact and at any time; null = all. */
  readonly id: string | null
  readonly service: string | null
  readonly destination: string | null
  readonly status: FlowStatusFilter
  readonly minDurationUs: number | null
  readonly limit: number
  /** Opaque, from the previous page. */
  readonly cursor: string | null
}

export type FlowStatusFilter = 'all' | 'error' | 'dead-lettered' | 'redriven' | 'ok'

export interface FlowPage {
  readonly flows: readonly FoundFlow[]
  /** null = everything was looked at. With fewer flows than asked for: more may follow, ask on. */
  readonly nextCursor: string | null
  /** Everything that is not older than this was looked at. */
  readonly searchedToUs: number
  /** What was gone through: the rows of flows, postings, or spans one by one (slow). */
  readonly searchedIn: 'flows' | 'postings' | 'spans'
  /** The id that was asked for is on so many flows that only some of them are listed. */
  readonly isHub: boolean
}

export interface FoundFlow extends FlowSummary {
  /** What the records of its messages call it, where no span does; null when nothing was read. */
  readonly recordName: string | null
  readonly strip: readonly StripStep[]
}

/** Flows per step of time, for the same question as a list. */
export interface FlowHistogram {
  readonly stepUs: number
  /** Oldest first; steps in which nothing began are left out. */
  readonly buckets: readonly FlowBucket[]
  /** Above 1 each counted flow stands for that many: only a part of the rows was read. */
  readonly sampleFactor: number
  /** True where a part of the question could not be counted cheaply and was left out. */
  readonly isUpperBound: boolean
}

export interface FlowBucket {
  readonly atUs: number
  readonly count: number
  /** With errors or dead letters; 0 where that is not counted. */
  readonly badCount: number
}

export interface FlowSpans {
  /** The key under which the spans are stored (an alias resolves to it). */
  readonly flowKey: string
  readonly spans: readonly SpanRecord[]
  /** Spans beyond the cap, of the traces that were read. */
  readonly omittedSpanCount: number
  /** Spans of traces that are not read because the id is on too many. */
  readonly otherTraceSpanCount: number
  readonly caps: readonly string[]
  /** Traces of which only some spans belong to the flow; the others are of other flows. */
  readonly partialTraceIds: readonly string[]
  /** Where the spans break off and the flow goes on all the same. */
  readonly bridges: readonly SpanBridge[]
  /** Ids of the flow that no span carries, as the broker's records of its messages say. */
  readonly names: readonly FlowName[]
  /** Who may have taken messages of the flow and names none of what it took. */
  readonly silentPolls: readonly SilentPoll[]
}

/**
 * From a span that took a message to one that sent something on for it, though nothing in the spans says so. `key`: the
 * only send with the message's record key; `order`: the service had no other message in hand.
 */
export interface SpanBridge {
  readonly from: SpanLink
  readonly to: SpanLink
  readonly by: 'key' | 'order'
}

export interface SpanDetail {
  readonly span: SpanRecord
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
  readonly events: readonly SpanEvent[]
  readonly scope: string | null
}

export interface SpanEvent {
  readonly name: string
  readonly atUs: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Delivery {
  readonly sender: SpanLink
  readonly receiver: SpanLink
  readonly service: string
  readonly destination: string | null
  readonly consumerGroup: string | null
  readonly receivedUs: number
  readonly endedUs: number
  readonly isError: boolean
}

export interface SeriesQuery {
  readonly fromUs: number
  readonly toUs: number
  readonly stepSeconds: number
  /** null = every destination. */
  readonly destination: string | null
  /** True: one bucket per step over all of them, its quantiles from the merged sketches, its `destination` empty. */
  readonly isMerged: boolean
}

/** What happened on a destination in one step. Sums and sketches, never averages of averages. */
export interface DestinationBucket {
  readonly atUs: number
  readonly destination: string
  readonly sentCount: number
  readonly receivedCount: number
  readonly errorCount: number
  readonly dwellP50Us: number | null
  readonly dwellP95Us: number | null
  readonly processingP50Us: number | null
  readonly processingP95Us: number | null
}

/** A span that Throughline itself records (a redriven copy), so that flows and outcomes join without help of the consumer. */
export interface OwnSpan {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly kind: SpanKind
  readonly startUs: number
  readonly durationUs: number
  readonly correlationId: string | null
  readonly links: readonly SpanLink[]
  readonly attributes: Readonly<Record<string, string>>
  readonly isError: boolean
}

export interface TelemetryWriter {
  /** Durable when the promise resolves. */
  recordOwnSpans(spans: readonly OwnSpan[]): Promise<void>
}
