import type { FlowFacts, FlowOperationItem } from '#domain/flow/flow.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'

/** Spans of one flow by key, with the questions that all parts of the assembly ask. */
export interface SpanIndex {
  readonly spans: readonly SpanRecord[]
  readonly byKey: ReadonlyMap<string, SpanRecord>
  readonly childrenOf: ReadonlyMap<string, readonly SpanRecord[]>
  /** Copies that operations sent, by the span that was recorded for them. */
  readonly itemByKey: ReadonlyMap<string, FlowOperationItem>
}

export const keyOf = (link: SpanLink): string => `${link.traceId}:${link.spanId}`

export const parentKeyOf = (span: SpanRecord): string | null =>
  span.parentSpanId === null ? null : `${span.traceId}:${span.parentSpanId}`

export const endUsOf = (span: SpanRecord): number => span.startUs + span.durationUs

export const isSender = (span: SpanRecord): boolean =>
  span.messaging?.operation === 'send' || span.messaging?.operation === 'create'

export const isReceiver = (span: SpanRecord): boolean =>
  span.messaging?.operation === 'process' || span.messaging?.operation === 'receive'

export const hasFailed = (span: SpanRecord): boolean => span.status === 'error'

/** Spans in order of their start; a span that was delivered twice counts once. */
export function indexSpans(facts: FlowFacts): SpanIndex {
  const byKey = new Map<string, SpanRecord>()
  for (const span of facts.spans) byKey.set(keyOf(span), span)
  const spans = [...byKey.values()].toSorted((a, b) => a.startUs - b.startUs || endUsOf(b) - endUsOf(a))
  const childrenOf = new Map<string, SpanRecord[]>()
  for (const span of spans) {
    const parent = parentKeyOf(span)
    if (parent === null || parent === keyOf(span)) continue
    const siblings = childrenOf.get(parent)
    if (siblings === undefined) childrenOf.set(parent, [span])
    else siblings.push(span)
  }
  return { spans, byKey, childrenOf, itemByKey: new Map(facts.operationItems.map((item) => [keyOf(item), item])) }
}

/** How far up a chain of parents one looks; deeper nesting than this around a message is not met. */
const MAX_STEPS = 64

/** The nearest ancestor (the span itself not counted) that `isWanted`; null without one. */
export function findAncestor(
  index: SpanIndex,
  span: SpanRecord,
  isWanted: (ancestor: SpanRecord) => boolean,
): SpanRecord | null {
  let current: SpanRecord = span
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const parentKey = parentKeyOf(current)
    const parent = parentKey === null ? undefined : index.byKey.get(parentKey)
    if (parent === undefined) return null
    if (isWanted(parent)) return parent
    current = parent
  }
  return null
}

/** At most `most` spans below one, level by level; below a span that is not `isEntered` nobody looks. */
export function* walkBelow(
  index: SpanIndex,
  top: SpanRecord,
  most: number,
  isEntered: (span: SpanRecord) => boolean,
): Generator<SpanRecord, void> {
  const queue: SpanRecord[] = []
  const add = (span: SpanRecord): void => {
    for (const child of index.childrenOf.get(keyOf(span)) ?? []) {
      if (queue.length === most) return
      queue.push(child)
    }
  }
  add(top)
  for (let at = 0; at < queue.length; at += 1) {
    const span = queue[at]
    if (span === undefined) return
    yield span
    if (isEntered(span)) add(span)
  }
}
