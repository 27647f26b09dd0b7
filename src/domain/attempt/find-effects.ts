import type { SpanRecord } from '#domain/trace/span.ts'

/** What a run did to the world outside its service, as far as spans tell. */
export interface Effects {
  readonly sentCount: number
  /** Calls to databases and other services; fetching and settling messages are none. */
  readonly callCount: number
}

/** Counts the messages sent and the calls made by the descendants of a span within its service. */
export function findEffects(run: SpanRecord, trace: readonly SpanRecord[]): Effects {
  const children = new Map<string, SpanRecord[]>()
  for (const span of trace) {
    if (span.parentSpanId === null || span.service !== run.service) continue
    const known = children.get(span.parentSpanId)
    if (known === undefined) children.set(span.parentSpanId, [span])
    else known.push(span)
  }
  const pending = [run.spanId]
  const seen = new Set(pending)
  let sentCount = 0
  let callCount = 0
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const child of children.get(id) ?? []) {
      if (seen.has(child.spanId)) continue
      seen.add(child.spanId)
      pending.push(child.spanId)
      const operation = child.messaging?.operation
      if (operation === 'send' || operation === 'create') sentCount += 1
      else if (child.kind === 'client' && operation === undefined) callCount += 1
    }
  }
  return { sentCount, callCount }
}
