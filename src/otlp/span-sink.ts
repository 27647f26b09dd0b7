import type { SpanDraft } from '#otlp/span-draft.ts'

/** Who sent the spans that follow: a resource and an instrumentation scope. */
export interface SpanOrigin {
  /** 8 bytes, the same for the same resource and scope wherever they come in. */
  readonly id: Buffer
  readonly service: string
  readonly serviceVersion: string | null
  readonly scope: string | null
  /** The resource attributes as JSON text. */
  readonly resource: string
}

/** Where a decoder puts what it reads: Postgres rows, rows of another store, or plain objects in a test. */
export interface SpanSink {
  /** The spans that follow come from here, until the next call. */
  beginOrigin(origin: SpanOrigin): void
  /** `draft` is used again for the next span: take what must outlive the call. */
  acceptSpan(draft: SpanDraft): void
}

/** What a decoder did not take over, for the partial-success answer. */
export interface DecodeReport {
  readonly acceptedSpanCount: number
  readonly rejectedSpanCount: number
  /** Spans that were stored but changed (cut, repaired); words say how. */
  readonly warnings: readonly string[]
}
