import { rememberRecent } from '#domain/remember-recent.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import { makeOrigin } from '#otlp/make-origin.ts'
import { keyPool, type KnownKey } from '#otlp/known-key.ts'
import { SPAN_KINDS, STATUS_ERROR } from '#otlp/span-draft.ts'
import { SpanIntake } from '#otlp/span-intake.ts'
import { OWN_SERVICE } from '#telemetry-store/postgres/own-service.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import type { OwnSpan } from '#telemetry-store/telemetry-store.ts'

const ORIGIN = makeOrigin({
  service: OWN_SERVICE,
  serviceVersion: null,
  scope: OWN_SERVICE,
  resource: JSON.stringify({ 'service.name': OWN_SERVICE }),
})

/** Own spans have few keys. */
const keyOf = rememberRecent(256, (name: string): KnownKey => {
  const bytes = Buffer.from(name)
  return keyPool.take(bytes, 0, bytes.length)
})
const linkBytes = Buffer.alloc(24)

/**
 * Rows for spans that Throughline records itself, made by the code that makes those of everybody else. The correlation
 * id goes as the conversation id, so that the spans join the flow.
 * @throws Failure `invalid` when an id is not lower-case hex of the right length.
 */
export function stageOwnSpans(spans: readonly OwnSpan[], day: number): StagedSpans {
  const staged = new StagedSpans(day)
  const intake = new SpanIntake(staged)
  staged.beginOrigin(ORIGIN)
  for (const span of spans) {
    const draft = intake.beginSpan()
    draft.hasTraceId = /^[0-9a-f]{32}$/.test(span.traceId) && draft.ids.write(span.traceId, 0, 'hex') === 16
    draft.hasSpanId = /^[0-9a-f]{16}$/.test(span.spanId) && draft.ids.write(span.spanId, 16, 'hex') === 8
    draft.name = span.name.slice(0, OTLP_LIMITS.maxNameBytes)
    draft.kind = SPAN_KINDS.lastIndexOf(span.kind)
    draft.startUs = span.startUs
    draft.endUs = span.startUs + Math.max(0, span.durationUs)
    draft.status = span.isError ? STATUS_ERROR : 0
    const attributes =
      span.correlationId === null
        ? span.attributes
        : { ...span.attributes, 'messaging.message.conversation_id': span.correlationId }
    for (const [name, value] of Object.entries(attributes)) {
      const key = keyOf(name)
      draft.attributes.addText(key, value)
      if (key.slot >= 0) draft.setSlot(key.slot, value)
    }
    for (const link of span.links) {
      if (link.traceId.length !== 32 || link.spanId.length !== 16) continue
      if (linkBytes.write(link.traceId + link.spanId, 'hex') !== 24) continue
      draft.links.raw(linkBytes, 0, 24)
      draft.linkCount += 1
    }
    intake.endSpan()
  }
  return staged
}
