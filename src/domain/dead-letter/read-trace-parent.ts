import type { SpanLink } from '#domain/trace/span.ts'
import type { Header } from '#domain/message.ts'

/** W3C: version, trace id, span id, flags; all-zero ids are invalid. Google's client writes it under its own name. */
const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/

const decoder = new TextDecoder()
const NONE = new Uint8Array()

/**
 * The span that sent the message, from its headers; null when there is none or it is malformed. Of several the last one
 * counts: code that copies the original's headers puts them before those of its own send.
 */
export function readTraceParent(headers: readonly Header[]): SpanLink | null {
  for (const wanted of ['traceparent', 'googclient_traceparent', 'diagnostic-id']) {
    const found = headers.findLast(({ name, value }) => value !== null && name.toLowerCase() === wanted)
    const link = found === undefined ? null : parse(decoder.decode(found.value ?? NONE))
    if (link !== null) return link
  }
  return null
}

function parse(text: string): SpanLink | null {
  const [, traceId, spanId] = TRACE_PARENT.exec(text.trim().toLowerCase()) ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  return { traceId, spanId }
}
