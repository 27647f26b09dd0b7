import type { MessagingFacts, SpanRecord } from '#domain/trace/span.ts'

/** For tests: a messaging span that says of its message only what is given. */
export const testFacts = (says: Partial<MessagingFacts>): MessagingFacts => ({
  system: 'kafka',
  operation: 'send',
  destination: null,
  partition: null,
  offset: null,
  messageId: null,
  consumerGroup: null,
  clientId: null,
  messageKey: null,
  conversationId: null,
  batchCount: null,
  ...says,
})

/** For tests: a span of which nothing is known but what is given. */
export const testSpan = (over: Partial<SpanRecord>): SpanRecord => ({
  traceId: 'a'.repeat(32),
  spanId: '1'.repeat(16),
  parentSpanId: null,
  service: 'checkout',
  serviceVersion: null,
  name: 'span',
  kind: 'internal',
  startUs: 0,
  durationUs: 1_000,
  status: 'unset',
  statusMessage: null,
  correlationId: null,
  messaging: null,
  exception: null,
  links: [],
  droppedLinkCount: 0,
  ...over,
})
