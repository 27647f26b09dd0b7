import type { SpanException, SpanLink, SpanRecord } from '#domain/trace/span.ts'

/** What is known of a death before its span is. */
export interface Death {
  /** The span that the message names: its sender, or whoever put it into the dead-letter place. */
  readonly traceParent: SpanLink | null
  readonly deadAtMs: number
  readonly consumerGroup: string | null
}

/** The delivery that failed, and what it says of the cause. */
export interface FailingSpan {
  /** The span that took the message: its service gave it up. */
  readonly receiver: SpanRecord
  /** The span that carries the exception: the receiver, or one that it made. */
  readonly failing: SpanRecord
  /** null when the span only says that it failed. */
  readonly exception: SpanException | null
}

/** Clocks of consumers may be ahead of the broker's by so much. */
const MAX_SKEW_US = 300_000_000
const MAX_DEPTH = 30

const idOf = ({ traceId, spanId }: SpanLink): string => `${traceId}${spanId}`

/**
 * The last delivery of a message before it died that failed. A delivery is a span that names the message's sender by
 * link or parent, one that made the span which the message names (that one wrote the dead letter), or one of `takers`.
 *
 * @param takers ids (`trace id + span id`) of spans that took the message, known by its id or position
 */
export function findFailingSpan(
  death: Death,
  takers: ReadonlySet<string>,
  spans: readonly SpanRecord[],
): FailingSpan | null {
  const byId = new Map(spans.map((span) => [idOf(span), span]))
  const makers = death.traceParent === null ? new Set<string>() : ancestorsOf(death.traceParent, byId)
  const children = Map.groupBy(spans, (span) => `${span.traceId}${span.parentSpanId ?? ''}`)
  const found = spans.flatMap((receiver): FailingSpan[] => {
    if (!isTaking(receiver) || receiver.startUs > death.deadAtMs * 1_000 + MAX_SKEW_US) return []
    const isOfMessage = takers.has(idOf(receiver)) || makers.has(idOf(receiver)) || names(receiver, death.traceParent)
    const failing = isOfMessage ? findFailure(receiver, children) : null
    return failing === null ? [] : [{ receiver, failing, exception: failing.exception }]
  })
  return found.toSorted((a, b) => rank(b, death) - rank(a, death) || b.receiver.startUs - a.receiver.startUs)[0] ?? null
}

const isTaking = ({ kind, messaging }: SpanRecord): boolean =>
  kind === 'consumer' || messaging?.operation === 'process' || messaging?.operation === 'receive'

const names = ({ traceId, parentSpanId, links }: SpanRecord, sender: SpanLink | null): boolean =>
  sender !== null &&
  ((traceId === sender.traceId && parentSpanId === sender.spanId) ||
    links.some((link) => link.traceId === sender.traceId && link.spanId === sender.spanId))

/** A span that says its group is of that group or of none; one with an exception says more than one without. */
function rank({ receiver, exception }: FailingSpan, { consumerGroup }: Death): number {
  const group = receiver.messaging?.consumerGroup ?? null
  const isOther = consumerGroup !== null && group !== null && group !== consumerGroup
  return (isOther ? 0 : 2) + (exception === null ? 0 : 1)
}

function ancestorsOf(link: SpanLink, byId: ReadonlyMap<string, SpanRecord>): ReadonlySet<string> {
  const found = new Set<string>()
  let at = byId.get(idOf(link))
  for (let depth = 0; at !== undefined && at.parentSpanId !== null && depth < MAX_DEPTH; depth += 1) {
    const parent = idOf({ traceId: at.traceId, spanId: at.parentSpanId })
    found.add(parent)
    at = byId.get(parent)
  }
  return found
}

/** The receiver when it recorded the exception; else the first of its own service's spans below it that did. */
function findFailure(receiver: SpanRecord, children: ReadonlyMap<string, readonly SpanRecord[]>): SpanRecord | null {
  if (receiver.exception !== null) return receiver
  let level: readonly SpanRecord[] = [receiver]
  for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth += 1) {
    level = level.flatMap((span) => (children.get(idOf(span)) ?? []).filter((child) => child.service === span.service))
    const thrown = level.filter(({ exception }) => exception !== null).toSorted((a, b) => a.startUs - b.startUs)[0]
    if (thrown !== undefined) return thrown
  }
  return receiver.status === 'error' ? receiver : null
}
