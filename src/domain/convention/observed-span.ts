import type { MessagingFacts, SpanLink, SpanRecord } from '#domain/trace/span.ts'

/** A span with what its instrumentation can be judged by. */
export interface ObservedSpan {
  readonly span: SpanRecord
  /** As they were sent, not folded. */
  readonly attributeKeys: readonly string[]
  readonly droppedAttributeCount: number
  /** The library that made the span; null when it does not say. */
  readonly scope: string | null
  /** `telemetry.sdk.language` of its process: `nodejs`, `java`, `python`, `go`, `dotnet` ...; null when it does not say. */
  readonly language: string | null
}

/** A span that is about a message. */
export interface MessagingSpan extends ObservedSpan {
  readonly facts: MessagingFacts
}

const idOf = ({ traceId, spanId }: SpanLink): string => `${traceId}${spanId}`

/** Recent spans of one service that are about messages, and all others of the same traces to hold them against. */
export class ServiceSample {
  readonly service: string
  readonly messaging: readonly MessagingSpan[]
  readonly #byId: ReadonlyMap<string, SpanRecord>
  readonly #children: ReadonlyMap<string, readonly SpanRecord[]>

  constructor(service: string, messaging: readonly MessagingSpan[], index: SampleIndex) {
    this.service = service
    this.messaging = messaging
    this.#byId = index.byId
    this.#children = index.children
  }

  find(id: SpanLink): SpanRecord | null {
    return this.#byId.get(idOf(id)) ?? null
  }

  parentOf({ traceId, parentSpanId }: SpanRecord): SpanRecord | null {
    return parentSpanId === null ? null : this.find({ traceId, spanId: parentSpanId })
  }

  childrenOf(span: SpanRecord): readonly SpanRecord[] {
    return this.#children.get(idOf(span)) ?? []
  }

  /** Spans that handed over or handled messages, without the settling of them. */
  get sent(): readonly MessagingSpan[] {
    return this.messaging.filter(({ facts }) => facts.operation === 'send' || facts.operation === 'create')
  }

  get taken(): readonly MessagingSpan[] {
    return this.messaging.filter(({ facts }) => facts.operation === 'receive' || facts.operation === 'process')
  }

  /** The send or create spans that a span names as origin of its messages, as far as they are in the sample. */
  sendersOf(span: SpanRecord): readonly SpanRecord[] {
    const named = span.links.map((link) => this.find(link))
    const isOrigin = (origin: SpanRecord | null): origin is SpanRecord =>
      origin?.messaging?.operation === 'send' || origin?.messaging?.operation === 'create'
    const linked = named.filter((origin) => isOrigin(origin))
    if (linked.length > 0) return linked
    const parent = this.parentOf(span)
    return isOrigin(parent) ? [parent] : []
  }
}

interface SampleIndex {
  readonly byId: ReadonlyMap<string, SpanRecord>
  readonly children: ReadonlyMap<string, readonly SpanRecord[]>
}

/** Cuts a sample of spans into one per service that has messaging spans, by name. */
export function cutByService(observed: readonly ObservedSpan[]): readonly ServiceSample[] {
  const byId = new Map<string, SpanRecord>()
  const children = new Map<string, SpanRecord[]>()
  const services = new Map<string, MessagingSpan[]>()
  for (const one of observed) {
    const { span } = one
    if (byId.has(idOf(span))) continue
    byId.set(idOf(span), span)
    if (span.parentSpanId !== null) {
      const parentId = idOf({ traceId: span.traceId, spanId: span.parentSpanId })
      const known = children.get(parentId)
      if (known === undefined) children.set(parentId, [span])
      else known.push(span)
    }
    if (span.messaging === null) continue
    const known = services.get(span.service)
    const taken = { ...one, facts: span.messaging }
    if (known === undefined) services.set(span.service, [taken])
    else known.push(taken)
  }
  return [...services]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([service, messaging]) => new ServiceSample(service, messaging, { byId, children }))
}
