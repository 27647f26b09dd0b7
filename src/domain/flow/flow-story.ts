import type { FlowDeadLetter, FlowFacts, FlowOperationItem } from '#domain/flow/flow.ts'
import type { MessagingFacts, SpanRecord } from '#domain/trace/span.ts'
import { testFacts, testSpan } from '#domain/trace/test-span.ts'

/** Hand-made flows for tests: times are ms after T0. */
export const MS = 1_000
const SECOND = 1_000 * MS
export const T0 = 1_795_262_282 * SECOND

interface SpanPart {
  readonly at: number
  readonly for: number
  readonly service: string
  readonly name: string
  readonly trace?: string
  readonly parent?: string
  readonly kind?: SpanRecord['kind']
  readonly isError?: boolean
  readonly links?: SpanRecord['links']
  readonly messaging?: Partial<MessagingFacts> & { readonly operation: MessagingFacts['operation'] }
}

/** `id` becomes the span id; times are ms after T0. */
export const span = (id: string, part: SpanPart): SpanRecord =>
  testSpan({
    traceId: part.trace ?? 't1',
    spanId: id,
    parentSpanId: part.parent ?? null,
    service: part.service,
    name: part.name,
    kind: part.kind ?? 'internal',
    startUs: T0 + part.at * MS,
    durationUs: part.for * MS,
    status: part.isError ? 'error' : 'unset',
    correlationId: 'order-7f3a91c2',
    messaging: part.messaging === undefined ? null : testFacts(part.messaging),
    exception: part.isError ? { type: 'shop.CurrencyMismatch', message: null, stack: null } : null,
    links: part.links ?? [],
  })

/** Spans at a destination, by what the messaging conventions call their operation. */
const messagingSpan =
  (operation: 'send' | 'process', kind: 'producer' | 'consumer') =>
  (id: string, destination: string, part: Omit<SpanPart, 'name' | 'messaging'>, facts: Partial<MessagingFacts> = {}) =>
    span(id, { ...part, name: `${operation} ${destination}`, kind, messaging: { operation, destination, ...facts } })

export const send = messagingSpan('send', 'producer')
export const consume = messagingSpan('process', 'consumer')

export const facts = (part: Partial<FlowFacts>): FlowFacts => ({
  flowKey: 'order-7f3a91c2',
  spans: [],
  omittedSpanCount: 0,
  caps: [],
  deadLetters: [],
  operationItems: [],
  ...part,
})

export const letter = (part: Partial<FlowDeadLetter> = {}): FlowDeadLetter => ({
  id: '1',
  clusterId: 'prod-eu',
  destination: 'orders.dlq',
  position: '0@4411',
  originDestination: 'orders',
  deadUs: T0 + 40_100 * MS,
  exceptionClass: 'shop.CurrencyMismatch',
  exceptionMessage: 'expected EUR, got EURO',
  state: 'redriven',
  traceId: 't1',
  spanId: 'dlq',
  ...part,
})

export const item = (part: Partial<FlowOperationItem> = {}): FlowOperationItem => ({
  operationId: 'op',
  operationNumber: 412,
  kind: 'redrive',
  actorName: 'oncall-1',
  reason: 'fixed currency map, 4.18.1',
  sentUs: T0 + 951_000 * MS,
  deadLetterId: '1',
  targetDestination: 'orders',
  targetPosition: '3@88190022',
  outcome: 'processed',
  traceId: 't2',
  spanId: 'copy',
  ...part,
})

const STORY: FlowFacts = facts({
  spans: [
    span('post', { at: 0, for: 900, service: 'checkout', name: 'POST /orders', kind: 'server' }),
    send(
      'send',
      'orders',
      { at: 600, for: 200, service: 'checkout', parent: 'post' },
      { partition: '3', offset: '88120417' },
    ),
    consume(
      'try1',
      'orders',
      { at: 8_600, for: 800, service: 'payments-svc', parent: 'send', isError: true },
      { partition: '3', offset: '88120417' },
    ),
    consume(
      'try2',
      'orders',
      { at: 39_000, for: 1_000, service: 'payments-svc', parent: 'send', isError: true },
      { partition: '3', offset: '88120417' },
    ),
    send('dlq', 'orders.dlq', { at: 39_800, for: 150, service: 'payments-svc', parent: 'try2' }),
    span('copy', {
      trace: 't2',
      at: 951_000,
      for: 5,
      service: 'throughline',
      name: 'redrive orders',
      kind: 'producer',
      messaging: { operation: 'send', destination: 'orders' },
    }),
    consume(
      'try3',
      'orders',
      { trace: 't2', at: 953_000, for: 2_000, service: 'payments-svc', parent: 'copy' },
      { partition: '3', offset: '88190022' },
    ),
    send(
      'settled',
      'payments.settled',
      { trace: 't2', at: 954_000, for: 200, service: 'payments-svc', parent: 'try3' },
      { system: 'rabbitmq' },
    ),
    consume(
      'ledger',
      'payments.settled',
      { trace: 't3', at: 987_000, for: 1_800, service: 'ledger', links: [{ traceId: 't2', spanId: 'settled' }] },
      { system: 'rabbitmq' },
    ),
    span('insert', {
      trace: 't3',
      at: 987_200,
      for: 900,
      service: 'ledger',
      name: 'INSERT entry',
      kind: 'client',
      parent: 'ledger',
    }),
  ],
  deadLetters: [letter()],
  operationItems: [item()],
})

/** The flow of the design's picture: died after a retry, was redriven a quarter of an hour later, went through. */
export const story = (): FlowFacts => STORY
