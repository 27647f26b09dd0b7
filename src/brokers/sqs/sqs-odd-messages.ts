import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import type { OutgoingMessage } from '#brokers/broker.ts'

const text = (value: string): Uint8Array => Buffer.from(value)
const BINARY = Uint8Array.from([0, 255, 128, 10])

interface OddMessage {
  readonly message: OutgoingMessage
  readonly entry: Omit<SendMessageBatchRequestEntry, 'Id'>
}

function makeOdd(
  { destination, isFifo }: { readonly destination: string; readonly isFifo: boolean },
  body: string,
  headers: readonly (readonly [string, Uint8Array])[],
  form: object,
  key: string,
  entry: Partial<SendMessageBatchRequestEntry> = {},
): OddMessage {
  const grouped = isFifo || entry.MessageGroupId !== undefined
  const fullForm = { types: {}, isGrouped: grouped, isTraced: false, opened: [], ...form }
  const hasForm = grouped || Object.keys(form).length > 0
  const message: OutgoingMessage = {
    destination,
    lane: null,
    key: text(key),
    headers: [
      ...headers.map(([name, value]) => ({ name, value })),
      ...(hasForm ? [{ name: 'throughline-sqs', value: text(JSON.stringify(fullForm)) }] : []),
    ],
    payload: text(body),
    timestampMs: null,
    idempotencyId: crypto.randomUUID(),
  }
  const keyed = grouped ? { MessageGroupId: key } : {}
  const attributes = {
    ...entry.MessageAttributes,
    ...(!grouped && { 'x-message-key': { DataType: 'String', StringValue: key } }),
  }
  return {
    message,
    entry: {
      ...entry,
      MessageBody: body,
      ...keyed,
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
      ...(isFifo && { MessageDeduplicationId: message.idempotencyId }),
    },
  }
}

/** What another client sends, and how the adapter has to show it. */
export function sqsOddMessages(destination: string, isFifo: boolean): readonly OddMessage[] {
  const place = { destination, isFifo }
  const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
  const envelope = JSON.stringify({
    Type: 'Notification',
    TopicArn: 'arn:aws:sns:eu-west-1:000000000000:orders',
    Message: '{"order":1}',
    MessageAttributes: { traceparent: { Type: 'String', Value: 'from-sns' } },
  })
  return [
    makeOdd(place, ' \t\n{"é": "😀"}\r', [], {}, 'k1'),
    makeOdd(place, 'x'.repeat(200_000), [], {}, 'k2'),
    makeOdd(
      place,
      '{}',
      [
        ['a.number', text('1.50')],
        ['binary', BINARY],
        ['custom', text('12')],
        ['text', text('значение')],
        ['AWSTraceHeader', text(trace)],
      ],
      { types: { 'a.number': 'Number', binary: 'Binary.png', custom: 'Number.int' }, isTraced: true },
      'k3',
      {
        MessageAttributes: {
          'a.number': { DataType: 'Number', StringValue: '1.50' },
          binary: { DataType: 'Binary.png', BinaryValue: BINARY },
          custom: { DataType: 'Number.int', StringValue: '12' },
          text: { DataType: 'String', StringValue: 'значение' },
        },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
      },
    ),
    makeOdd(
      place,
      envelope,
      [['traceparent', text('from-sns')]],
      { opened: [['traceparent', Buffer.from('from-sns').toString('base64')]] },
      'k4',
    ),
    makeOdd(place, '{not json', [], {}, 'k5', { MessageGroupId: 'k5' }),
  ]
}
