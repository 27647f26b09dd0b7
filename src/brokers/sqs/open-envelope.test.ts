import { expect, test } from 'vitest'
import { openEnvelope } from '#brokers/sqs/open-envelope.ts'
import { prepareEntry, toBrokerMessage } from '#brokers/sqs/sqs-message.ts'
import { headerText } from '#domain/message.ts'

const ENVELOPE = JSON.stringify({
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:eu-west-1:123456789012:orders',
  Message: '{"order":1}',
  MessageAttributes: {
    traceparent: { Type: 'String', Value: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    picture: { Type: 'Binary', Value: 'AP8=' },
  },
})
const outgoing = { destination: 'q', lane: null, payload: Buffer.from(ENVELOPE), timestampMs: null, idempotencyId: 'i' }

test('attributes in the envelope of SNS are headers, and a copy has them in the envelope alone', () => {
  const message = toBrokerMessage('q', { MessageId: 'm', Body: ENVELOPE }, 'x-message-key')
  expect(headerText(message.headers, 'traceparent')).toContain('aaaa')
  expect(Buffer.from(message.headers.find(({ name }) => name === 'picture')?.value ?? [])).toEqual(Buffer.of(0, 255))
  const { key, headers } = message
  expect(prepareEntry({ ...outgoing, key, headers }, false, 'x-message-key')).toEqual({ MessageBody: ENVELOPE })
})

test('an attribute that was changed since is sent as one of the message', () => {
  const { key, headers } = toBrokerMessage('q', { MessageId: 'm', Body: ENVELOPE }, 'x-message-key')
  const ours = headers.map((one) => (one.name === 'traceparent' ? { ...one, value: Buffer.from('ours') } : one))
  const { MessageAttributes: attributes } = prepareEntry({ ...outgoing, key, headers: ours }, false, 'x-message-key')
  expect(attributes).toEqual({ traceparent: { DataType: 'String', StringValue: 'ours' } })
})

test('what Lambda gave up says its error, the function and the time', () => {
  const body = JSON.stringify({
    version: '1.0',
    timestamp: '2026-11-20T10:00:00.000Z',
    requestContext: {
      requestId: 'r-1',
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:bill:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { order: 1 },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    responsePayload: { errorType: 'TypeError', errorMessage: 'no price', trace: ['TypeError: no price', ' at f'] },
  })
  expect(openEnvelope(body).failure).toEqual({
    errorClass: 'TypeError',
    errorMessage: 'no price',
    stack: 'TypeError: no price\n at f',
    originDestination: null,
    originPosition: 'r-1',
    diedAtMs: Date.UTC(2026, 10, 20, 10),
  })
})

test.each(['', 'plain', '{not json', '[]', '{"Type":"Notification"}', '{"requestContext":null}', `{"a":`])(
  'a body that is no envelope is just a body: %s',
  (body) => {
    expect(openEnvelope(body)).toEqual({ headers: [], failure: null })
  },
)
