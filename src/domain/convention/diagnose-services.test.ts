import { expect, test } from 'vitest'
import { diagnoseServices } from '#domain/convention/diagnose-services.ts'
import { readNameGeneration } from '#domain/convention/name-generation.ts'
import type { ObservedSpan } from '#domain/convention/observed-span.ts'
import type { MessagingFacts, SpanRecord } from '#domain/trace/span.ts'

const FACTS: MessagingFacts = {
  system: 'kafka',
  operation: 'process',
  destination: 'orders',
  partition: '0',
  offset: '1',
  messageId: null,
  consumerGroup: 'payers',
  clientId: null,
  messageKey: null,
  conversationId: 'order-7',
  batchCount: null,
}
const CURRENT = ['messaging.system', 'messaging.operation.type']

interface Parts {
  readonly span?: Partial<SpanRecord>
  /** null = not about a message. */
  readonly facts?: Partial<MessagingFacts> | null
  readonly rest?: Partial<ObservedSpan>
}

const observed = (spanId: string, { span = {}, facts = {}, rest = {} }: Parts = {}): ObservedSpan => ({
  attributeKeys: CURRENT,
  droppedAttributeCount: 0,
  scope: 'some-library',
  language: 'nodejs',
  ...rest,
  span: {
    traceId: 't1',
    spanId,
    parentSpanId: 'sender',
    service: 'payments',
    serviceVersion: null,
    name: spanId,
    kind: 'consumer',
    startUs: 1_000_000,
    durationUs: 10_000,
    status: 'unset',
    statusMessage: null,
    correlationId: 'order-7',
    messaging: facts === null ? null : { ...FACTS, ...facts },
    exception: null,
    links: [],
    droppedLinkCount: 0,
    ...span,
  },
})
const sent = (spanId: string, parts: Parts = {}): ObservedSpan =>
  observed(spanId, {
    ...parts,
    span: { kind: 'producer', parentSpanId: null, service: 'checkout', startUs: 900_000, ...parts.span },
    facts: { operation: 'send', consumerGroup: null, ...parts.facts },
  })
const findingsOf = (spans: readonly ObservedSpan[], service = 'payments') =>
  diagnoseServices(spans).find((one) => one.service === service)?.findings ?? []
const kindsOf = (spans: readonly ObservedSpan[], service?: string) => findingsOf(spans, service).map(({ kind }) => kind)

test('a service that says everything has no finding, and one that says nothing of messages is not listed', () => {
  expect(kindsOf([sent('sender'), observed('taken')])).toEqual([])
  expect(diagnoseServices([observed('http', { facts: null })])).toEqual([])
})

test('a message without context of its sender is told, a poll with processing below it is not', () => {
  expect(kindsOf([observed('taken', { span: { parentSpanId: null } })])).toEqual(['context-lost'])
  const poll = observed('poll', {
    span: { parentSpanId: null, kind: 'client' },
    facts: { operation: 'receive', batchCount: 1 },
  })
  const below = observed('below', {
    span: { parentSpanId: 'poll', links: [{ traceId: 't0', spanId: 'sender' }] },
  })
  expect(kindsOf([poll, below])).toEqual([])
})

test('fewer links than messages in a batch is context lost, unless the SDK says that it dropped them', () => {
  const links = [{ traceId: 't0', spanId: 'sender' }]
  const batch = (droppedLinkCount: number) =>
    observed('batch', { span: { links, droppedLinkCount }, facts: { operation: 'receive', batchCount: 3 } })
  expect(kindsOf([batch(0)])).toContain('context-lost')
  expect(kindsOf([batch(2)])).not.toContain('context-lost')
  expect(kindsOf([batch(2)])).toContain('links-dropped')
})

test('clocks that put the taking before the sending are told with how far they are apart', () => {
  const [finding] = findingsOf([sent('sender', { span: { startUs: 1_250_000 } }), observed('taken')])
  expect(finding).toMatchObject({ kind: 'clock-skew', affectedCount: 1 })
  expect(finding?.what).toContain('250 ms')
})

test('work that begins when its processing span is over is told', () => {
  const work = observed('work', { span: { parentSpanId: 'taken', startUs: 1_020_000, kind: 'client' }, facts: null })
  expect(kindsOf([sent('sender'), observed('taken'), work])).toEqual(['work-after-end'])
  const within = { ...work, span: { ...work.span, startUs: 1_001_000 } }
  expect(kindsOf([sent('sender'), observed('taken'), within])).toEqual([])
})

test('a consumer that begins a trace with whatever it sends breaks flows; one that begins some of them does not', () => {
  const own = { service: 'payments' }
  const next = { destination: 'payments' }
  const root = sent('root', { span: own, facts: next })
  const below = sent('below', { span: { ...own, parentSpanId: 'taken' }, facts: next })
  const taken = [sent('sender'), observed('taken')]
  expect(kindsOf([...taken, root])).toEqual(['broken-in-consumer'])
  expect(kindsOf([...taken, root, below])).toEqual([])
  expect(kindsOf([...taken, sent('again', { span: own })])).toEqual([])
})

test('dropped attributes are told, with the variable that keeps more', () => {
  const [finding] = findingsOf([sent('sender'), observed('taken', { rest: { droppedAttributeCount: 2 } })])
  expect(finding).toMatchObject({ kind: 'attributes-dropped', affectedCount: 1, judgedCount: 1 })
  expect(finding?.mend?.code).toContain('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT')
})

test('an unknown language is told what is missing, without a mend', () => {
  const taken = observed('taken', { facts: { consumerGroup: null }, rest: { language: 'cobol' } })
  expect(findingsOf([sent('sender'), taken])).toMatchObject([{ kind: 'group-missing', mend: null }])
})

test('a span that came twice counts once', () => {
  const taken = observed('taken', { facts: { consumerGroup: null } })
  expect(findingsOf([sent('sender'), taken, taken])[0]).toMatchObject({ affectedCount: 1, judgedCount: 1 })
})

test.each([
  [['messaging.system', 'messaging.destination', 'messaging.operation'], 'first'],
  [['messaging.system', 'messaging.destination.name', 'messaging.operation'], 'second'],
  [['messaging.system', 'messaging.destination.name', 'messaging.operation.type'], 'current'],
  [['messaging.system', 'messaging.operation', 'messaging.operation.type'], 'both'],
  [['messaging.system', 'messaging.destination', 'messaging.operation.type'], 'mixed'],
  [['messaging.system', 'messaging.destination.name'], 'shared'],
  [['celery.task_name', 'messaging.destination'], 'own'],
] as const)('%j are names of the generation "%s"', (keys, generation) => {
  expect(readNameGeneration(keys)).toBe(generation)
})
