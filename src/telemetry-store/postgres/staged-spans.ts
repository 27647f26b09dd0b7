import { hash } from 'node:crypto'
import type pg from 'pg'
import { crc32 } from 'node:zlib'
import { type CorrelationRules, NO_CORRELATION_RULES } from '#domain/trace/correlation-rule.ts'
import { isDeadLetterName } from '#domain/dead-letter/is-dead-letter-name.ts'
import { findCorrelationId } from '#domain/trace/find-correlation-id.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import type { MessagingFacts } from '#domain/trace/span.ts'
import { storable } from '#otlp/byte-writer.ts'
import type { KeySet } from '#otlp/key-set.ts'
import { SpareWriters } from '#otlp/spare-writers.ts'
import { SPAN_KINDS, type SpanDraft, STATUS_ERROR } from '#otlp/span-draft.ts'
import type { SpanOrigin, SpanSink } from '#otlp/span-sink.ts'
import type { FlowScout } from '#telemetry-store/postgres/flow-scout.ts'
import type { SamplingCount } from '#telemetry-store/postgres/sampling-rows.ts'
import { OWN_SERVICE } from '#telemetry-store/postgres/own-service.ts'
import { addName, type FlowTally, tallyOf, type TraceTally } from '#telemetry-store/postgres/flow-tally.ts'
import { failureNames, FlowMarks, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { indexedKeys } from '#telemetry-store/postgres/indexed-keys.ts'
import { keySetQuota } from '#telemetry-store/postgres/key-set-quota.ts'
import {
  eventKindOf,
  EVENT,
  type EventNumber,
  writeMessageEvents,
} from '#telemetry-store/postgres/message-event-row.ts'
import { readRuledId } from '#telemetry-store/postgres/read-ruled-id.ts'
import { NameMinutes } from '#telemetry-store/postgres/name-minutes.ts'
import { writeLinkRows, writeSpanRow } from '#telemetry-store/postgres/span-row.ts'

/** What a messaging span contributes to the rollups, once its batch is committed. */
export interface RollupFact {
  readonly isSent: boolean
  readonly isProcess: boolean
  readonly atUs: number
  readonly durationUs: number
  readonly isError: boolean
  readonly destination: string
  readonly consumerGroup: string | null
  readonly service: string
  readonly spanId: string
  /** 32 hex digits. */
  readonly traceId: string
  /** The flow key that the span itself carries. */
  readonly flowKey: string | null
  /** Span ids of the messages' senders (links, else the parent). */
  readonly senders: readonly string[]
}

/** Which spans of a request are stored; the charts count the others all the same. */
export interface SpanSelection {
  keeps(traceId: string, flowKey: string | null): boolean
  /** True: the request went into the charts when it came in. */
  readonly isCountedBefore: boolean
}

/** As many as requests are on their way at once under load. */
const SPARES = 32
const spanWriters = new SpareWriters(256 * 1024, SPARES)
const eventWriters = new SpareWriters(64 * 1024, SPARES)
const smallWriters = new SpareWriters(16 * 1024, 3 * SPARES)

/**
 * The rows of one request, ready for COPY, and what they add to flows and rollups. Nothing here is shared with other
 * requests, so that one that turns out to be broken is simply dropped.
 */
export class StagedSpans implements SpanSink {
  readonly day: number
  readonly spans = spanWriters.take()
  /** Where each row of `spans` ends, so that a bad one can be cut out. */
  readonly spanEnds: number[] = []
  readonly links = smallWriters.take()
  readonly events = eventWriters.take()
  readonly marks: FlowMarks
  readonly names = new NameMinutes()
  readonly origins = new Set<SpanOrigin>()
  readonly keySets = new Set<KeySet>()
  readonly traces = new Map<string, TraceTally>()
  /** alias -> flow key */
  readonly aliases = new Map<string, string>()
  readonly rollupFacts: RollupFact[] = []
  #origin: SpanOrigin | null = null
  /** The resource of the origin; empty while no attribute is indexed. */
  #resource = NOTHING

  #trace: TraceTally | null = null
  readonly #ids = smallWriters.take()
  #digest: Buffer | null = null

  /** Told of every span, kept or not. */
  scout: FlowScout | null = null
  /** What sampling made of the spans; the writer adds up those of a batch. */
  samplingCounts: readonly SamplingCount[] = []
  /** Written in the transaction of the rows, after them. */
  alongside: ((client: pg.ClientBase) => Promise<void>) | null = null
  readonly #rules: CorrelationRules
  readonly #selection: SpanSelection | null

  constructor(day: number, rules: CorrelationRules = NO_CORRELATION_RULES, selection: SpanSelection | null = null) {
    this.day = day
    this.#rules = rules
    this.#selection = selection
    this.marks = new FlowMarks(smallWriters.take(), day)
  }

  /** 16 bytes that name the request; null = never taken for a repetition. */
  get digest(): Buffer | null {
    return this.#digest
  }

  /**
   * Makes a request that is sent again be recognised, once all its spans are here: by their ids, which are random, and a
   * checksum of the rest. A digest of all the bytes would cost as much as decoding them.
   */
  nameRequest(body: Buffer): void {
    this.#ids.int32(crc32(body))
    this.#ids.int32(body.length)
    this.#digest = hash('sha256', this.#ids.written(), 'buffer').subarray(0, 16)
  }

  /** Trace id and span id of each span, stored or not. */
  get spanIds(): Buffer {
    return this.#ids.written()
  }

  get rowCount(): number {
    return this.spanEnds.length
  }

  get byteCount(): number {
    return this.spans.length + this.links.length + this.events.length + this.marks.rows.length + this.#ids.length
  }

  /** Gives the buffers back; nothing of them may be used afterwards. */
  release(): void {
    spanWriters.giveBack(this.spans)
    eventWriters.giveBack(this.events)
    for (const writer of [this.links, this.marks.rows, this.#ids]) smallWriters.giveBack(writer)
  }

  beginOrigin(origin: SpanOrigin): void {
    this.#origin = origin
    this.scout?.beginOrigin(origin)
    this.origins.add(origin)
    this.#resource = indexedKeys.isEmpty ? NOTHING : Buffer.from(origin.resource)
  }

  acceptSpan(draft: SpanDraft): void {
    const origin = this.#origin
    if (origin === null) throw new Error('a span before its origin')
    const kind = SPAN_KINDS[draft.kind] ?? 'internal'
    const facts = draft.usedSlots.length === 0 ? null : readMessagingFacts(draft.slots, draft.name, kind)
    const ruled = facts === null || this.#rules.isEmpty ? null : readRuledId(this.#rules, facts, draft.attributes)
    const ids = draft.usedSlots.length === 0 ? NO_IDS : findCorrelationId(draft.slots, facts, origin.scope, ruled)
    this.#ids.raw(draft.ids, 0, 24)
    this.scout?.note(draft, facts, ids.correlationId)
    const whose = { service: origin.service, flowKey: ids.correlationId }
    if (this.#selection?.keeps(draft.traceId(), ids.correlationId) === false) {
      if (facts !== null) this.#countMessage(draft, facts, eventKindOf(facts, draft), whose)
      return
    }
    const { keySet } = draft.attributes
    const isKeySetStored = keySetQuota.admits(keySet, this.day)
    if (isKeySetStored) this.keySets.add(keySet)
    writeSpanRow(this.spans, draft, { day: this.day, origin, facts, correlationId: ids.correlationId, isKeySetStored })
    this.spanEnds.push(this.spans.length)
    if (draft.linkCount > 0) writeLinkRows(this.links, draft, this.day)
    const tally = this.#tally(draft, ids.correlationId)
    this.#count(tally, draft, origin.service)
    for (const alias of ids.aliases) this.aliases.set(alias, ids.correlationId ?? draft.traceId())
    if (facts !== null) this.#stageMessage(tally, draft, facts, whose)
    this.#mark(draft, facts, ids.correlationId)
  }

  /** Posts by what the span is looked for beside the columns of its flow. */
  #mark(draft: SpanDraft, facts: MessagingFacts | null, flowKey: string | null): void {
    if (draft.status === STATUS_ERROR && draft.exceptionType !== null)
      for (const name of failureNames(storable(draft.exceptionType))) this.marks.add(MARK.failure, name, draft, flowKey)
    this.names.add(MARK.service, this.#origin?.service ?? '', draft.startUs)
    if (facts !== null && facts.destination !== null) this.names.add(MARK.destination, facts.destination, draft.startUs)
    if (facts !== null && facts.consumerGroup !== null)
      this.names.add(MARK.consumerGroup, facts.consumerGroup, draft.startUs)
    // Who takes a message has its key from the sender, who is posted already if he is traced.
    const isFirstToTell = facts?.operation === 'send' || facts?.operation === 'create' || !draft.hasParent
    if (facts !== null && facts.messageKey !== null && isFirstToTell && draft.linkCount === 0)
      this.marks.add(MARK.messageKey, facts.messageKey, draft, flowKey)
    if (!indexedKeys.isEmpty) indexedKeys.mark(this.marks, draft, this.#resource, flowKey)
  }

  #tally(draft: SpanDraft, key: string | null): FlowTally {
    let trace = this.#trace
    const traceId = draft.traceId()
    // Spans of one trace come in a row more often than not.
    if (trace?.traceId !== traceId) {
      trace = this.traces.get(traceId) ?? null
      if (trace === null) {
        trace = { traceId, byKey: new Map(), withoutKey: null }
        this.traces.set(traceId, trace)
      }
      this.#trace = trace
    }
    return tallyOf(trace, key)
  }

  #count(tally: FlowTally, draft: SpanDraft, service: string): void {
    const endUs = draft.startUs + draft.durationUs()
    if (draft.startUs < tally.firstUs) tally.firstUs = draft.startUs
    if (endUs > tally.lastUs) tally.lastUs = endUs
    tally.spanCount += 1
    if (draft.status === STATUS_ERROR) tally.errorCount += 1
    addName(tally.services, service)
  }

  #stageMessage(tally: FlowTally, draft: SpanDraft, facts: MessagingFacts, whose: Whose): void {
    const { service } = whose
    const event = eventKindOf(facts, draft)
    if (facts.destination !== null) addName(tally.destinations, facts.destination)
    if (facts.consumerGroup !== null) addName(tally.consumerGroups, facts.consumerGroup)
    if (event === EVENT.sent) {
      tally.sentCount += 1
      if (service === OWN_SERVICE) tally.redrivenCount += 1
      else if (facts.destination !== null && isDeadLetterName(facts.destination)) tally.deadLetterCount += 1
    } else if (event === EVENT.processed) tally.processCount += Math.max(1, draft.linkCount)
    else if (event === EVENT.fetched) tally.receiveCount += Math.max(1, draft.linkCount)
    if (event === null) return
    writeMessageEvents(this.events, draft, { day: this.day, event, facts, service })
    this.#countMessage(draft, facts, event, whose)
  }

  #countMessage(draft: SpanDraft, facts: MessagingFacts, event: EventNumber | null, whose: Whose): void {
    if (event === null || event === EVENT.settled || facts.destination === null) return
    if (this.#selection?.isCountedBefore === true) return
    this.rollupFacts.push(rollupFactOf(draft, facts, event, whose, facts.destination))
  }
}

const NOTHING = Buffer.alloc(0)
const NO_IDS = { correlationId: null, aliases: [] }

interface Whose {
  readonly service: string
  readonly flowKey: string | null
}

function rollupFactOf(
  draft: SpanDraft,
  facts: MessagingFacts,
  event: number,
  { service, flowKey }: Whose,
  destination: string,
): RollupFact {
  const senders: string[] = []
  if (event !== EVENT.sent) {
    for (let link = 0; link < draft.linkCount; link += 1)
      senders.push(draft.links.bytes.toString('latin1', link * 24 + 16, link * 24 + 24))
    if (draft.linkCount === 0 && draft.hasParent) senders.push(draft.ids.toString('latin1', 24, 32))
  }
  return {
    isSent: event === EVENT.sent,
    isProcess: event === EVENT.processed,
    atUs: draft.startUs,
    durationUs: draft.durationUs(),
    isError: draft.status === STATUS_ERROR,
    destination,
    consumerGroup: facts.consumerGroup,
    service,
    spanId: draft.ids.toString('latin1', 16, 24),
    traceId: draft.traceId(),
    flowKey,
    senders,
  }
}
