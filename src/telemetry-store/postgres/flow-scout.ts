import { isDeadLetterName } from '#domain/dead-letter/is-dead-letter-name.ts'
import type { CorrelationRules } from '#domain/trace/correlation-rule.ts'
import { findCorrelationId } from '#domain/trace/find-correlation-id.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import type { MessagingFacts } from '#domain/trace/span.ts'
import { ByteWriter } from '#otlp/byte-writer.ts'
import { SPAN_KINDS, type SpanDraft, STATUS_ERROR } from '#otlp/span-draft.ts'
import type { SpanOrigin, SpanSink } from '#otlp/span-sink.ts'
import { eventKindOf, EVENT } from '#telemetry-store/postgres/message-event-row.ts'
import { readRuledId } from '#telemetry-store/postgres/read-ruled-id.ts'
import { OWN_SERVICE } from '#telemetry-store/postgres/own-service.ts'

/**
 * What is kept or dropped together: the spans that carry a flow key (`k` and the key), or those of a trace that carry
 * none (`t` and the trace id).
 */
export const unitOf = (traceId: string, flowKey: string | null): string =>
  flowKey === null ? `t${traceId}` : `k${flowKey}`

/** What one request says about a unit. */
export interface UnitFacts {
  readonly unit: string
  spanCount: number
  firstUs: number
  lastUs: number
  /** An error, a dead letter or an operation of ours: it is kept whatever its share. */
  isNotable: boolean
  /** Spans by destination; '' = not about a message. */
  readonly byDestination: Map<string, number>
}

/** Reads a request once to learn which units it holds, before it is decided which of its spans are stored. */
export class FlowScout implements SpanSink {
  readonly units = new Map<string, UnitFacts>()
  readonly #ids = new ByteWriter(8 * 1024)
  /** Trace id -> the units whose fate its spans without a key share: the keys on its spans, and the traces that its spans link to. */
  readonly followed = new Map<string, string[]>()
  readonly #rules: CorrelationRules
  #origin: SpanOrigin | null = null
  /** Spans of one trace come in a row, with the key of the flow or without one: what was last met of either. */
  readonly #lastKeyed = new LastUnit()
  readonly #lastTrace = new LastUnit()

  constructor(rules: CorrelationRules) {
    this.#rules = rules
  }

  /** Trace id and span id of each span. */
  get spanIds(): Buffer {
    return this.#ids.written()
  }

  beginOrigin(origin: SpanOrigin): void {
    this.#origin = origin
  }

  acceptSpan(draft: SpanDraft): void {
    const kind = SPAN_KINDS[draft.kind] ?? 'internal'
    const facts = draft.usedSlots.length === 0 ? null : readMessagingFacts(draft.slots, draft.name, kind)
    this.note(draft, facts, this.#keyOf(draft, facts))
  }

  /** For whoever reads the span anyway: what it says and the flow key that it carries. */
  note(draft: SpanDraft, facts: MessagingFacts | null, key: string | null): void {
    const traceId = draft.traceId()
    this.#ids.raw(draft.ids, 0, 24)
    const unit = this.#unitAt(traceId, key)
    const destination = facts?.destination ?? ''
    const endUs = draft.startUs + draft.durationUs()
    unit.spanCount += 1
    if (draft.startUs < unit.firstUs) unit.firstUs = draft.startUs
    if (endUs > unit.lastUs) unit.lastUs = endUs
    unit.byDestination.set(destination, (unit.byDestination.get(destination) ?? 0) + 1)
    const isDeadLetter = facts !== null && eventKindOf(facts, draft) === EVENT.sent && isDeadLetterName(destination)
    if (draft.status === STATUS_ERROR || isDeadLetter || this.#origin?.service === OWN_SERVICE) unit.isNotable = true
    if (key === null) this.#followLinks(draft, traceId)
  }

  /** The flow key exactly as it is stored. */
  #keyOf(draft: SpanDraft, facts: MessagingFacts | null): string | null {
    if (draft.usedSlots.length === 0) return null
    const ruled = facts === null || this.#rules.isEmpty ? null : readRuledId(this.#rules, facts, draft.attributes)
    return findCorrelationId(draft.slots, facts, this.#origin?.scope ?? null, ruled).correlationId
  }

  #unitAt(traceId: string, key: string | null): UnitFacts {
    const last = key === null ? this.#lastTrace : this.#lastKeyed
    if (last.facts !== null && last.traceId === traceId && last.key === key) return last.facts
    const unit = this.#findUnit(unitOf(traceId, key))
    if (key !== null) this.#follow(traceId, unit.unit)
    last.facts = unit
    last.traceId = traceId
    last.key = key
    return unit
  }

  #findUnit(name: string): UnitFacts {
    const known = this.units.get(name)
    if (known !== undefined) return known
    const bounds = { firstUs: Number.MAX_SAFE_INTEGER, lastUs: 0 }
    const made: UnitFacts = { unit: name, spanCount: 0, ...bounds, isNotable: false, byDestination: new Map() }
    this.units.set(name, made)
    return made
  }

  #followLinks(draft: SpanDraft, traceId: string): void {
    for (let link = 0; link < draft.linkCount; link += 1) {
      const linked = draft.links.bytes.toString('hex', link * 24, link * 24 + 16)
      if (linked !== traceId) this.#follow(traceId, `t${linked}`)
    }
  }

  #follow(traceId: string, unit: string): void {
    const followed = this.followed.get(traceId)
    if (followed === undefined) this.followed.set(traceId, [unit])
    else addFollowed(followed, unit)
  }
}

class LastUnit {
  traceId = ''
  key: string | null = null
  facts: UnitFacts | null = null
}

/** A trace that shares the fate of more units than this is machinery that many flows use. */
export const MAX_FOLLOWED = 64

/** Adds a unit to those that a trace follows; one more than {@link MAX_FOLLOWED} stands for all further ones. */
export function addFollowed(followed: string[], unit: string): void {
  if (followed.length <= MAX_FOLLOWED && !followed.includes(unit)) followed.push(unit)
}
