import type { SpanLink } from '#domain/trace/span.ts'
import { headerText, type Header } from '#domain/message.ts'

/** W3C: version, trace id, span id, flags; all-zero ids are invalid. Google's client writes it under its own name. */
const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/

/** The span that sent the message, from its headers; null when there is none or it is malformed. */
export function readTraceParent(headers: readonly Header[]): SpanLink | null {
  for (const name of ['traceparent', 'googclient_traceparent', 'diagnostic-id']) {
    const match = TRACE_PARENT.exec(headerText(headers, name)?.trim().toLowerCase() ?? '')
    const [, traceId, spanId] = match ?? []
    if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) continue
    return { traceId, spanId }
  }
  return null
}
