import type { ObservedSpan } from '#domain/convention/observed-span.ts'
import { findCorrelationId } from '#domain/trace/find-correlation-id.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import { bodiesOf } from '#otlp/captured-bodies.ts'
import { SPAN_KINDS, STATUS_ERROR, type SpanDraft } from '#otlp/span-draft.ts'
import type { SpanOrigin } from '#otlp/span-sink.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'

/** For tests: the spans of a capture in the repository, through the real decoders. */
export function readCapturedSpans(name: string): readonly ObservedSpan[] {
  const observed: ObservedSpan[] = []
  let origin: SpanOrigin | null = null
  const sink = {
    beginOrigin: (next: SpanOrigin) => void (origin = next),
    acceptSpan: (draft: SpanDraft) => void (origin !== null && observed.push(toObserved(draft, origin))),
  }
  for (const { path, isJson, body } of bodiesOf(name)) {
    if (!path.endsWith('/v1/traces')) continue
    if (isJson) walkJsonTraces(body, sink)
    else walkProtobufTraces(body, sink)
  }
  return observed
}

function toObserved(draft: SpanDraft, origin: SpanOrigin): ObservedSpan {
  const kind = SPAN_KINDS[draft.kind] ?? 'internal'
  const messaging = readMessagingFacts(draft.slots, draft.name, kind)
  const links = draft.links.written()
  const attributes = draft.attributes.toJson()
  const { exceptionType } = draft
  return {
    span: {
      traceId: draft.ids.toString('hex', 0, 16),
      spanId: draft.ids.toString('hex', 16, 24),
      parentSpanId: draft.hasParent ? draft.ids.toString('hex', 24, 32) : null,
      service: origin.service,
      serviceVersion: null,
      name: draft.name,
      kind,
      startUs: draft.startUs,
      durationUs: draft.durationUs(),
      status: draft.status === STATUS_ERROR ? 'error' : 'unset',
      statusMessage: draft.statusMessage,
      correlationId: findCorrelationId(draft.slots, messaging, origin.scope).correlationId,
      messaging,
      exception: exceptionType === null ? null : { type: exceptionType, message: null, stack: null },
      links: Array.from({ length: draft.linkCount }, (_, at) => ({
        traceId: links.toString('hex', at * 24, at * 24 + 16),
        spanId: links.toString('hex', at * 24 + 16, at * 24 + 24),
      })),
      droppedLinkCount: draft.droppedLinkCount,
    },
    attributeKeys: Object.keys(JSON.parse(attributes) as object),
    droppedAttributeCount: draft.droppedAttributeCount,
    scope: origin.scope,
    language: String((JSON.parse(origin.resource) as Record<string, unknown>)['telemetry.sdk.language']),
  }
}
