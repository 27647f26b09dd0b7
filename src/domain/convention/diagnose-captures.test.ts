import { expect, test } from 'vitest'
import { diagnoseServices, type ServiceDiagnosis } from '#domain/convention/diagnose-services.ts'
import { readCapturedSpans } from '#otlp/read-captured-spans.ts'

const diagnoseCapture = (name: string): ReadonlyMap<string, ServiceDiagnosis> =>
  new Map(diagnoseServices(readCapturedSpans(name)).map((diagnosis) => [diagnosis.service, diagnosis]))

/** Per service: its names and what is found, as `kind affected/judged`. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'go-a-franz-default': {
    checkout: ['second', 'conversation-missing 30/30', 'old-names 30/30'],
    payments: ['second', 'group-missing 60/60', 'conversation-missing 90/90', 'old-names 90/90'],
    shipping: ['second', 'group-missing 54/54', 'conversation-missing 54/54', 'old-names 54/54'],
  },
  'go-b-sarama-default': {
    checkout: ['second', 'conversation-missing 30/30', 'old-names 30/30'],
    payments: ['second', 'group-missing 30/30', 'conversation-missing 60/60', 'fetch-only 30/30', 'old-names 60/60'],
    shipping: ['second', 'group-missing 27/27', 'conversation-missing 27/27', 'fetch-only 27/27', 'old-names 27/27'],
  },
  'java-a-kafka-default': {
    checkout: ['second', 'conversation-missing 30/30', 'old-names 30/30'],
    payments: ['second', 'conversation-missing 60/60', 'old-names 60/60'],
    shipping: ['second', 'conversation-missing 27/27', 'old-names 27/27'],
  },
  'java-a-kafka-stable': {
    checkout: ['current', 'conversation-missing 30/30'],
    payments: ['current', 'conversation-missing 60/60'],
    shipping: ['current', 'conversation-missing 27/27'],
  },
  'java-b-springkafka-default': {
    checkout: ['second', 'conversation-missing 200/200', 'old-names 200/200'],
    payments: ['second', 'links-dropped 1/1', 'conversation-missing 201/201', 'batch-as-one 1/1', 'old-names 201/201'],
    shipping: ['second', 'conversation-missing 376/376', 'old-names 376/376', 'phantom-attempts 16/296'],
  },
  'java-c-springamqp-stable': {
    checkout: ['current', 'conversation-missing 30/30', 'identity-missing 30/30'],
    payments: ['current', 'conversation-missing 60/60', 'identity-missing 27/60', 'destination-differs 33/33'],
    shipping: ['current', 'conversation-missing 27/27', 'destination-differs 27/27'],
  },
  'java-d-sqs-stable': {
    checkout: ['current', 'conversation-missing 33/33', 'identity-missing 30/30'],
    payments: ['current', 'conversation-missing 66/66'],
    shipping: ['current', 'conversation-missing 27/27'],
  },
  'node-amqplib': {
    audit: ['first', 'old-names 30/30', 'destination-differs 30/30'],
    checkout: ['first', 'old-names 30/30'],
    payments: ['first', 'old-names 64/64', 'destination-differs 37/37'],
    shipping: ['first', 'old-names 54/54', 'destination-differs 27/27'],
  },
  'node-aws': {
    audit: ['current', 'identity-missing 6/6', 'context-lost 15/15', 'conversation-missing 28/28', 'fetch-only 15/15'],
    checkout: ['first', 'conversation-missing 30/30', 'identity-missing 30/30', 'old-names 30/30'],
    payments: [
      'shared',
      'identity-missing 19/37',
      'broken-in-consumer 27/27',
      'conversation-missing 51/51',
      'fetch-only 18/18',
      'destination-differs 18/18',
    ],
    shipping: ['current', 'identity-missing 6/6', 'conversation-missing 23/23', 'fetch-only 13/13'],
  },
  'node-cloudevents': {
    checkout: ['current', 'conversation-missing 30/30', 'identity-missing 30/30'],
    payments: ['current', 'group-missing 30/30', 'conversation-missing 60/60', 'identity-missing 30/60'],
    shipping: ['current', 'group-missing 27/27', 'conversation-missing 27/27'],
  },
  'node-kafkajs': {
    checkout: ['current', 'conversation-missing 30/30', 'identity-missing 30/30'],
    payments: ['current', 'group-missing 31/31', 'conversation-missing 61/61', 'identity-missing 30/61'],
    shipping: [
      'current',
      'group-missing 42/42',
      'conversation-missing 69/69',
      'identity-missing 27/54',
      'batch-as-one 9/42',
      'batch-durations 21/27',
    ],
  },
  'python-agents-default': {
    'orders-mcp': [
      'first',
      'group-missing 30/30',
      'conversation-missing 60/60',
      'identity-missing 30/60',
      'old-names 60/60',
    ],
    'refund-agent': [
      'first',
      'group-missing 61/61',
      'conversation-missing 122/122',
      'identity-missing 61/122',
      'old-names 122/122',
    ],
    'triage-agent': [
      'first',
      'group-missing 31/31',
      'conversation-missing 62/62',
      'identity-missing 31/62',
      'old-names 62/62',
    ],
  },
  'python-celery-redis': {
    'payments-worker': ['own', 'conversation-missing 33/70', 'conversation-per-hop 37/37', 'system-missing 70/70'],
    'shipping-worker': ['own', 'conversation-per-hop 26/26', 'system-missing 26/26'],
    web: ['own', 'conversation-missing 30/30', 'system-missing 30/30'],
  },
  'python-confluent': {
    checkout: ['first', 'conversation-missing 30/30', 'identity-missing 30/30', 'old-names 30/30'],
    payments: [
      'first',
      'group-missing 31/31',
      'conversation-missing 61/61',
      'identity-missing 30/61',
      'old-names 61/61',
    ],
    shipping: [
      'first',
      'group-missing 7/7',
      'identity-missing 28/28',
      'conversation-missing 34/34',
      'batch-as-one 6/7',
      'old-names 34/34',
    ],
  },
}

test.each(Object.entries(KNOWN))('%s: every service is found to lack what its instrumentation lacks', (name, known) => {
  const found = Object.fromEntries(
    [...diagnoseCapture(name)].map(([service, { generation, findings }]) => [
      service,
      [
        generation,
        ...findings.map(({ kind, affectedCount, judgedCount }) => `${kind} ${affectedCount}/${judgedCount}`),
      ],
    ]),
  )
  expect(found).toEqual(known)
})

test('links that the SDK dropped are counted', () => {
  const payments = diagnoseCapture('java-b-springkafka-default').get('payments')
  const finding = payments?.findings.find(({ kind }) => kind === 'links-dropped')
  expect(finding?.what).toContain('72 of 200 links')
  expect(finding?.mend?.code).toContain('OTEL_SPAN_LINK_COUNT_LIMIT')
})

test.each([
  ['node-kafkajs', 'payments', 'group-missing', 'consumerHook'],
  ['go-a-franz-default', 'payments', 'group-missing', 'kotel.ConsumerGroup'],
  ['go-b-sarama-default', 'shipping', 'fetch-only', 'otelsarama'],
  ['java-a-kafka-default', 'payments', 'old-names', 'OTEL_SEMCONV_STABILITY_OPT_IN=messaging'],
  ['python-confluent', 'payments', 'group-missing', 'get_current_span'],
  ['node-aws', 'audit', 'context-lost', 'sqsExtractContextPropagationFromPayload'],
  ['python-celery-redis', 'shipping-worker', 'conversation-per-hop', 'correlation.id'],
])('%s: what mends %s of %s is in its own language', (name, service, kind, words) => {
  const finding = diagnoseCapture(name)
    .get(service)
    ?.findings.find((one) => one.kind === kind)
  expect(finding?.mend?.code).toContain(words)
  expect(finding?.examples[0]?.spanId).toMatch(/^[0-9a-f]{16}$/)
})
