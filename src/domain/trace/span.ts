/** Trace ids are 32, span ids 16 lower-case hex digits. Times are microseconds since the epoch (exact in a double until 2255). */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
}

export interface SpanException {
  readonly type: string | null
  readonly message: string | null
  readonly stack: string | null
}

/** One span as the flow page needs it: hot columns, no attribute bag (that is read per span on demand). */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly service: string
  readonly serviceVersion: string | null
  readonly name: string
  readonly kind: SpanKind
  readonly startUs: number
  readonly durationUs: number
  /** It ended before it started, as its sender says; `durationUs` is 0 then. */
  readonly isReversed?: boolean
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage: string | null
  readonly correlationId: string | null
  readonly messaging: MessagingFacts | null
  readonly exception: SpanException | null
  readonly links: readonly SpanLink[]
  readonly droppedLinkCount: number
}

export type MessagingOperation = 'create' | 'send' | 'receive' | 'process' | 'settle'

/** What a messaging span says, whatever generation of names it used. null = the span does not say. */
export interface MessagingFacts {
  readonly system: string
  readonly operation: MessagingOperation
  readonly destination: string | null
  readonly partition: string | null
  readonly offset: string | null
  readonly messageId: string | null
  readonly consumerGroup: string | null
  readonly clientId: string | null
  readonly messageKey: string | null
  readonly conversationId: string | null
  readonly batchCount: number | null
}
