import { isReceiver, isSender, keyOf, parentKeyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** Which spans stand for the two ends of deliveries; the others that mention messages only repeat them. */
export interface MessageSpans {
  readonly senders: readonly SpanRecord[]
  readonly receivers: readonly SpanRecord[]
  /** Keys of receive spans whose messages have process spans of their own: polls and hand-overs inside a client. */
  readonly coveredReceives: ReadonlySet<string>
  /** The send that carried a message which has a create span of its own, by the key of that. */
  readonly carriers: ReadonlyMap<string, SpanRecord>
}

export function findMessageSpans(index: SpanIndex): MessageSpans {
  const coveredReceives = new Set<string>()
  const nested = new Set<string>()
  for (const span of index.spans) {
    if (span.messaging?.operation !== 'process') continue
    for (const link of span.links) coverReceive(index.byKey.get(keyOf(link)), span, coveredReceives)
    const parentKey = parentKeyOf(span)
    const parent = parentKey === null ? undefined : index.byKey.get(parentKey)
    coverReceive(parent, span, coveredReceives)
    if (isNestedProcess(span, parent)) nested.add(keyOf(span))
  }
  const { covered: coveredSends, carriers } = findCoveredSends(index)
  return {
    senders: index.spans.filter(
      (span) => isSender(span) && !coveredSends.has(keyOf(span)) && !index.itemByKey.has(keyOf(span)),
    ),
    receivers: index.spans.filter((span) => {
      const key = keyOf(span)
      return isReceiver(span) && !coveredReceives.has(key) && !nested.has(key) && !isHeldBack(span)
    }),
    coveredReceives,
    carriers,
  }
}

/**
 * Spring's retry topics hand a record that is not due yet back to the broker by an exception, before any listener saw
 * it. The agent makes a failed process span of each such time; no delivery took place.
 */
const isHeldBack = ({ exception }: SpanRecord): boolean =>
  /(?:^|[.$])KafkaBackoffException$/.test(exception?.type ?? '')

function coverReceive(candidate: SpanRecord | undefined, handled: SpanRecord, covered: Set<string>): void {
  if (candidate?.messaging?.operation !== 'receive') return
  if (isSameOrUnsaid(candidate.messaging.destination, handled.messaging?.destination ?? null))
    covered.add(keyOf(candidate))
}

/** Two instrumentations around the same handler give a process span inside a process span of the same destination. */
function isNestedProcess(span: SpanRecord, parent: SpanRecord | undefined): boolean {
  if (parent?.messaging?.operation !== 'process' || span.links.length > 0) return false
  return isSameOrUnsaid(parent.messaging.destination, span.messaging?.destination ?? null)
}

/** A send that only wraps others: around the creation of its messages, or around the client's own send span. */
function findCoveredSends(index: SpanIndex): {
  covered: ReadonlySet<string>
  carriers: ReadonlyMap<string, SpanRecord>
} {
  const covered = new Set<string>()
  const carriers = new Map<string, SpanRecord>()
  for (const span of index.spans) {
    if (span.messaging?.operation !== 'send') continue
    const named = [...span.links.flatMap((link) => index.byKey.get(keyOf(link)) ?? []), ...childrenOf(index, span)]
    const created = named.filter((inner) => inner.messaging?.operation === 'create')
    for (const inner of created) carriers.set(keyOf(inner), span)
    if (created.length > 0 || childrenOf(index, span).some((inner) => isSameSend(inner, span))) covered.add(keyOf(span))
  }
  return { covered, carriers }
}

const childrenOf = (index: SpanIndex, span: SpanRecord): readonly SpanRecord[] =>
  index.childrenOf.get(keyOf(span)) ?? []

const isSameSend = (inner: SpanRecord, span: SpanRecord): boolean =>
  inner.messaging?.operation === 'send' &&
  isSameOrUnsaid(inner.messaging.destination, span.messaging?.destination ?? null)

function isSameOrUnsaid(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b
}
