import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import { SpanDraft } from '#otlp/span-draft.ts'
import type { DecodeReport, SpanSink } from '#otlp/span-sink.ts'

/** Drafts are big; the process decodes one body at a time, so one is enough. */
const sharedDraft = new SpanDraft()

/** The last step of both decoders: judges a finished draft, passes it on or counts why not. */
export class SpanIntake {
  readonly draft = sharedDraft
  readonly #sink: SpanSink
  #accepted = 0
  #rejections = new Map<string, number>()
  #warnings = new Map<string, number>()

  constructor(sink: SpanSink) {
    this.#sink = sink
  }

  get sink(): SpanSink {
    return this.#sink
  }

  beginSpan(): SpanDraft {
    this.draft.reset()
    return this.draft
  }

  endSpan(): void {
    const draft = this.draft
    const reason = this.#reasonToReject()
    if (reason !== null) {
      this.#count(this.#rejections, reason)
      return
    }
    if (draft.endUs < draft.startUs) this.#count(this.#warnings, 'ended before they started; stored with duration 0')
    if (draft.truncatedValueCount > 0)
      this.#count(this.#warnings, `had values over ${OTLP_LIMITS.maxValueBytes} bytes; cut`)
    if (draft.attributeCount > OTLP_LIMITS.maxAttributesPerSpan)
      this.#count(this.#warnings, `had more than ${OTLP_LIMITS.maxAttributesPerSpan} attributes; the rest was dropped`)
    draft.closeEvents()
    draft.closeLinkAttributes()
    this.#accepted += 1
    this.#sink.acceptSpan(draft)
  }

  report(): DecodeReport {
    const words = (counts: Map<string, number>) => [...counts].map(([what, count]) => `${count} spans ${what}`)
    const rejectedSpanCount = [...this.#rejections.values()].reduce((sum, count) => sum + count, 0)
    return {
      acceptedSpanCount: this.#accepted,
      rejectedSpanCount,
      warnings: [...words(this.#rejections), ...words(this.#warnings)],
    }
  }

  #reasonToReject(): string | null {
    const draft = this.draft
    if (this.#accepted >= OTLP_LIMITS.maxSpansPerRequest)
      return `over the limit of ${OTLP_LIMITS.maxSpansPerRequest} per request; send smaller batches`
    if (!draft.hasTraceId) return 'without a valid trace id'
    if (!draft.hasSpanId) return 'without a valid span id'
    if (draft.startUs > Number.MAX_SAFE_INTEGER || draft.endUs > Number.MAX_SAFE_INTEGER)
      return 'from beyond the year 2255'
    return null
  }

  #count(counts: Map<string, number>, what: string): void {
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
}
