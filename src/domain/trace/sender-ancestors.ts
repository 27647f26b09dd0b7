import type { SpanRecord } from '#domain/trace/span.ts'

/** Keys (trace and span id) of the spans of a trace below which something was sent. */
export function senderAncestors(trace: readonly SpanRecord[]): ReadonlySet<string> {
  const found = new Set<string>()
  const byId = new Map(trace.map((span) => [span.spanId, span]))
  for (const { messaging, parentSpanId, traceId } of trace) {
    if (messaging?.operation !== 'send' && messaging?.operation !== 'create') continue
    let parent = parentSpanId
    while (parent !== null && !found.has(`${traceId}${parent}`)) {
      found.add(`${traceId}${parent}`)
      parent = byId.get(parent)?.parentSpanId ?? null
    }
  }
  return found
}
