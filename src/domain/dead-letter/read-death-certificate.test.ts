import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fingerprintOf } from '#domain/dead-letter/fingerprint.ts'
import { readDeathCertificate } from '#domain/dead-letter/read-death-certificate.ts'
import { readTraceParent } from '#domain/dead-letter/read-trace-parent.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import type { BrokerMessage, Header } from '#domain/message.ts'

interface FixtureRecord {
  readonly keyHex: string | null
  readonly valueHex: string | null
  readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[]
}

const readFixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/dead-letters/${name}.json`, import.meta.url), 'utf8'))
const spring = readFixture('spring-kafka').topics as Record<string, FixtureRecord[]>
const connect = readFixture('kafka-connect') as Record<string, FixtureRecord[]>
const streams = readFixture('kafka-streams') as Record<string, FixtureRecord[]>
const shareGroup = readFixture('kafka-share-group') as Record<string, FixtureRecord[]>
const bytes = (hex: string | null) => (hex === null ? null : new Uint8Array(Buffer.from(hex, 'hex')))

const messageOf = (headers: readonly Header[], rest: Partial<BrokerMessage> = {}): BrokerMessage => ({
  destination: 'dead',
  position: { lane: '0', sequence: '0' },
  key: null,
  headers,
  payload: null,
  timestampMs: null,
  timestampKind: 'unknown',
  attempts: null,
  brokerFailure: null,
  ...rest,
})
const fromFixture = (record: FixtureRecord) =>
  messageOf(
    record.headers.map(({ key, valueHex }) => ({ name: key, value: bytes(valueHex) })),
    { payload: bytes(record.valueHex) },
  )
const fromText = (headers: Record<string, string>, rest: Partial<BrokerMessage> = {}) =>
  messageOf(
    Object.entries(headers).map(([name, value]) => ({ name, value: new TextEncoder().encode(value) })),
    rest,
  )

test('a real @RetryableTopic dead letter gives its origin, group, attempts made and the business exception', () => {
  const message = fromFixture(spring['orders-dlt']![0]!)
  expect(readDeathCertificate(message)).toMatchObject({
    dialect: 'spring-kafka',
    originDestination: 's35c-orders',
    originPartition: '0',
    originOffset: '0',
    originTimestampMs: 0x1a1fc82e854,
    consumerGroup: 'svc-orders',
    attempts: 4,
    exceptionClass: 't.App$Boom',
    exceptionMessage: 'cannot process fail-1',
  })
  expect(fingerprintOf(readDeathCertificate(message)).title).toBe('Boom at t.App.fail')
})

test('a real dead letter of the recoverer alone is read from the kafka_dlt-* family', () => {
  expect(readDeathCertificate(fromFixture(spring['custom.DLT']![0]!))).toMatchObject({
    dialect: 'spring-kafka',
    originDestination: 's35c-custom',
    consumerGroup: 'svc-custom',
    attempts: 2,
    exceptionClass: 't.App$Boom',
    exceptionMessage: 'cannot process fail-1',
  })
})

test('a real deserialisation failure names the cause below the wrapper, which is declared as its own cause', () => {
  expect(readDeathCertificate(fromFixture(spring['ints-dlt']![0]!))).toMatchObject({
    exceptionClass: 'org.apache.kafka.common.errors.SerializationException',
    exceptionMessage: 'Size of data received by IntegerDeserializer is not 4',
  })
})

test('every real Spring record is told to come from Spring, and the same bug has one fingerprint over retries and DLT', () => {
  const certificates = Object.values(spring)
    .flat()
    .map((record) => readDeathCertificate(fromFixture(record)))
  expect(new Set(certificates.map(({ dialect }) => dialect))).toEqual(new Set(['spring-kafka']))
  const booms = certificates.filter(({ exceptionClass }) => exceptionClass === 't.App$Boom')
  expect(booms.length).toBeGreaterThan(5)
  expect(new Set(booms.map((certificate) => fingerprintOf(certificate).hash)).size).toBe(1)
})

test('a real Kafka Connect record is text throughout, and its cause comes out of the stack', () => {
  expect(readDeathCertificate(fromFixture(connect['dlq-orders']![0]!))).toMatchObject({
    dialect: 'kafka-connect',
    originDestination: 'orders',
    originPartition: '1',
    originOffset: '0',
    consumerGroup: 'connect-orders-sink',
    exceptionClass: 'com.fasterxml.jackson.core.JsonParseException',
    exceptionMessage: expect.stringContaining("Unrecognized token 'this'"),
  })
  const smt = connect['dlq-smt']!.map((record) => readDeathCertificate(fromFixture(record)))
  expect(smt.map(({ exceptionMessage }) => exceptionMessage)).toContain('For input string: "not-a-number"')
})

test('a real Kafka Streams record gives its origin and its exception, and keeps its own headers when it is redriven', () => {
  const message = fromFixture(streams['ossuary']![0]!)
  const certificate = readDeathCertificate(message)
  expect(certificate).toMatchObject({
    dialect: 'kafka-streams',
    originDestination: 'numbers',
    originPartition: '0',
    originOffset: '1',
    consumerGroup: null,
    exceptionClass: 'java.lang.NumberFormatException',
    exceptionMessage: 'For input string: "seven"',
  })
  expect(fingerprintOf(certificate).title).toBe('NumberFormatException at DoomedStreams.lambda$main')
  expect(stripFailureHeaders(message.headers, 'kafka-streams').map(({ name }) => name)).toEqual(['trace-id'])
})

test('a real record of a share group gives its group and how often it was delivered, and holds only a reference', () => {
  const message = fromFixture(shareGroup['oubliette']![1]!)
  expect(message).toMatchObject({ key: null, payload: null })
  expect(readDeathCertificate(message)).toMatchObject({
    dialect: 'kafka-share-group',
    originDestination: 'tickets',
    originPartition: '0',
    originOffset: '1',
    consumerGroup: 'pickers',
    attempts: 1,
    exceptionClass: null,
    exceptionMessage: 'Offset rejected by client.',
  })
})

test('redriven Spring headers lose everything that would send the copy back at once, and nothing else', () => {
  const { headers } = fromFixture(spring['orders-dlt']![0]!)
  const kept = stripFailureHeaders(headers, 'spring-kafka')
  expect(kept.map(({ name }) => name)).toEqual(['trace-id', 'dup', 'dup', 'nul'])
  expect(kept[3]).toEqual({ name: 'nul', value: null })
  expect(
    stripFailureHeaders(fromFixture(connect['dlq-orders']![0]!).headers, 'kafka-connect').map(({ name }) => name),
  ).toEqual(['trace-id'])
})

test('our own marks of an earlier redrive go, its count stays', () => {
  const { headers } = fromText({
    'throughline-operation': 'a',
    'throughline-item': '1',
    'throughline-redrive-count': '2',
  })
  expect(stripFailureHeaders(headers, 'none').map(({ name }) => name)).toEqual(['throughline-redrive-count'])
})

const int32 = (value: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return new Uint8Array(buffer)
}
const int64 = (value: bigint) => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64BE(value)
  return new Uint8Array(buffer)
}

test.each([
  ['binary', int32(70_000), int64(9_007_199_254_740_993n), '70000', '9007199254740993'],
  ['digits', Buffer.from('3123'), Buffer.from('88120417'), '3123', '88120417'],
  ['a negative binary number', int32(-1), int64(-1n), '-1', '-1'],
])('positions in %s are exact', (_title, partition, offset, wantedPartition, wantedOffset) => {
  const certificate = readDeathCertificate(
    messageOf([
      { name: 'kafka_dlt-original-topic', value: Buffer.from('orders') },
      { name: 'kafka_dlt-original-partition', value: partition },
      { name: 'kafka_dlt-original-offset', value: offset },
    ]),
  )
  expect(certificate).toMatchObject({ originPartition: wantedPartition, originOffset: wantedOffset })
})

test.each([
  [
    'spring-cloud-stream',
    { 'x-original-topic': 'a', 'x-exception-fqcn': 'x.Boom', 'x-exception-message': 'm' },
    { originDestination: 'a', exceptionClass: 'x.Boom', exceptionMessage: 'm' },
  ],
  [
    'kafka-streams',
    { '__streams.errors.topic': 'a', '__streams.errors.offset': '7', '__streams.errors.exception': 'x.Boom' },
    { originDestination: 'a', originOffset: '7', exceptionClass: 'x.Boom' },
  ],
  [
    'kafka-share-group',
    { '__dlq.errors.topic': 'a', '__dlq.errors.group': 'g', '__dlq.errors.delivery.count': '5' },
    { consumerGroup: 'g', attempts: 5 },
  ],
  [
    'smallrye',
    {
      'dead-letter-topic': 'a',
      'dead-letter-cause-class-name': 'x.Deep',
      'dead-letter-cause': 'deep',
      'dead-letter-reason': 'r',
    },
    { exceptionClass: 'x.Deep', exceptionMessage: 'deep' },
  ],
  [
    'watermill',
    { topic_poisoned: 'a', reason_poisoned: 'no stock' },
    { originDestination: 'a', exceptionMessage: 'no stock' },
  ],
  [
    'rabbitmq',
    { 'x-death': '[{"queue":"orders","reason":"rejected","count":3}]', 'x-first-death-queue': 'orders' },
    { originDestination: 'orders', consumerGroup: 'orders', exceptionMessage: 'rejected', attempts: 3 },
  ],
  [
    'masstransit',
    {
      'MT-Fault-InputAddress': 'rabbitmq://host/vhost/orders?durable=true',
      'MT-Fault-ExceptionType': 'Shop.Boom',
      'MT-Fault-Timestamp': '2026-11-21T06:00:00Z',
    },
    { originDestination: 'orders', exceptionClass: 'Shop.Boom', originTimestampMs: Date.parse('2026-11-21T06:00:00Z') },
  ],
  [
    'nservicebus',
    {
      'NServiceBus.FailedQ': 'orders@HOST',
      'NServiceBus.ExceptionInfo.ExceptionType': 'Shop.Boom',
      'NServiceBus.TimeOfFailure': '2026-11-21 06:00:00:123456 Z',
    },
    { originDestination: 'orders', exceptionClass: 'Shop.Boom' },
  ],
  [
    'pubsub',
    { CloudPubSubDeadLetterSourceSubscription: 's', CloudPubSubDeadLetterSourceDeliveryCount: '5' },
    { attempts: 5 },
  ],
  [
    'service-bus',
    { DeadLetterReason: 'MaxDeliveryCountExceeded', DeadLetterErrorDescription: 'd' },
    { exceptionClass: 'MaxDeliveryCountExceeded', exceptionMessage: 'd' },
  ],
  [
    'sqs',
    { DeadLetterQueueSourceArn: 'arn:aws:sqs:eu:1:orders', ApproximateReceiveCount: '4' },
    { originDestination: 'orders', attempts: 4 },
  ],
  ['pulsar', { REAL_TOPIC: 'persistent://t/n/orders', RECONSUMETIMES: '3' }, { attempts: 3 }],
] as const)('%s is understood, and a copy carries none of its headers', (dialect, headers, wanted) => {
  const message = fromText(headers)
  expect(readDeathCertificate(message)).toMatchObject({ dialect, ...wanted })
  expect(stripFailureHeaders(message.headers, dialect)).toEqual([])
})

test('a failed Lambda invocation is read from its body', () => {
  const payload = Buffer.from(
    JSON.stringify({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3, functionArn: 'arn:f' },
      requestPayload: {},
      responsePayload: { errorType: 'Boom', errorMessage: 'no' },
    }),
  )
  expect(readDeathCertificate(messageOf([], { payload }))).toMatchObject({
    dialect: 'lambda',
    attempts: 3,
    exceptionClass: 'Boom',
    exceptionMessage: 'no',
  })
})

test('what the broker itself keeps fills in where no header speaks', () => {
  const certificate = readDeathCertificate(
    messageOf([], {
      attempts: 2,
      brokerFailure: {
        errorClass: 'CurrencyMismatch',
        errorMessage: 'm',
        stack: null,
        originDestination: 'orders',
        originPosition: 'id',
        diedAtMs: null,
      },
    }),
  )
  expect(certificate).toMatchObject({
    dialect: 'broker',
    exceptionClass: 'CurrencyMismatch',
    attempts: 2,
    originDestination: 'orders',
  })
})

test('a message that says nothing gives a certificate of unknowns, also for hostile headers', () => {
  const hostile = [
    { name: 'kafka_dlt-original-offset', value: new Uint8Array(500).fill(255) },
    { name: 'kafka_dlt-original-topic', value: new Uint8Array([0xff, 0xfe]) },
    { name: 'x-death', value: Buffer.from('[{') },
  ]
  expect(readDeathCertificate(messageOf(hostile)).originOffset).toBeNull()
  expect(readDeathCertificate(messageOf([]))).toMatchObject({ dialect: 'none', exceptionClass: null, attempts: null })
})

test('a trace parent is read, and a malformed or all-zero one is refused', () => {
  const ids = `${'a'.repeat(32)}-${'b'.repeat(16)}`
  const parentOf = (text: string) => readTraceParent(fromText({ TraceParent: text }).headers)
  expect(parentOf(`00-${ids}-01`)).toEqual({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) })
  expect(parentOf(`00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`)).toBeNull()
  expect(parentOf('00-abc-01')).toBeNull()
})
