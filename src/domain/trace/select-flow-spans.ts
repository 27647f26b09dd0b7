import type { SpanRecord } from '#domain/trace/span.ts'

/**
 * Which spans of one trace belong to a flow when the trace holds more than that flow: those that carry its key, those
 * that received one of its messages (`entries`), what happened under them, and the spans that enclose them. A span that
 * carries another key, or received messages of others only, is where another flow begins.
 */
export function selectFlowSpans(
  trace: readonly SpanRecord[],
  flowKey: string,
  entries: ReadonlySet<string>,
): ReadonlySet<string> {
  const byId = new Map(trace.map((span) => [span.spanId, span]))
  const verdicts = new Map<string, boolean>()
  for (const span of trace) judge(span, flowKey, entries, byId, verdicts)
  const chosen = new Set([...verdicts].filter(([, isOwn]) => isOwn).map(([spanId]) => spanId))
  for (const { spanId } of trace) {
    if (!chosen.has(spanId)) continue
    let parent = byId.get(spanId)?.parentSpanId ?? null
    while (parent !== null && byId.has(parent) && !chosen.has(parent)) {
      chosen.add(parent)
      parent = byId.get(parent)?.parentSpanId ?? null
    }
  }
  return chosen
}

/** Walks up to the nearest span that decides; parents that form a circle decide nothing. */
function judge(
  span: SpanRecord,
  flowKey: string,
  entries: ReadonlySet<string>,
  byId: ReadonlyMap<string, SpanRecord>,
  verdicts: Map<string, boolean>,
): void {
  const path: string[] = []
  let current: SpanRecord | undefined = span
  let verdict = false
  while (current !== undefined) {
    const known = verdicts.get(current.spanId)
    if (known !== undefined) {
      verdict = known
      break
    }
    verdicts.set(current.spanId, false)
    path.push(current.spanId)
    if (current.correlationId === flowKey || entries.has(current.spanId)) {
      verdict = true
      break
    }
    if (current.correlationId !== null || isReceiver(current)) break
    current = current.parentSpanId === null ? undefined : byId.get(current.parentSpanId)
  }
  for (const spanId of path) verdicts.set(spanId, verdict)
}

const isReceiver = (span: SpanRecord): boolean =>
  span.links.length > 0 && (span.messaging?.operation === 'process' || span.messaging?.operation === 'receive')
