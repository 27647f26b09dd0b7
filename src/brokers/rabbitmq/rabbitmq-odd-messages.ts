import type { Options } from 'amqplib'
import type { OutgoingMessage } from '#brokers/broker.ts'

const ODD: Options.Publish = {
  contentType: 'application/json; charset=utf-8',
  contentEncoding: 'gzip',
  priority: 7,
  correlationId: 'order-ü',
  replyTo: 'answers',
  expiration: '86400000',
  messageId: 'm-1',
  timestamp: 1_500_000_000,
  type: 'order.placed',
  appId: 'shop',
  headers: {
    text: 'значение',
    empty: '',
    null: null,
    yes: true,
    bytes: Buffer.from([0, 255, 128]),
    int32: { '!': 'int', value: 5 },
    int64: { '!': 'long', value: 5 },
    double: { '!': 'double', value: 1 },
    when: { '!': 'timestamp', value: 1_500_000_000 },
  },
}
const PROPERTIES: readonly (readonly [string, string])[] = [
  ['content-type', 'application/json; charset=utf-8'],
  ['content-encoding', 'gzip'],
  ['priority', '7'],
  ['correlation-id', 'order-ü'],
  ['reply-to', 'answers'],
  ['expiration', '86400000'],
  ['message-id', 'm-1'],
  ['timestamp', '1500000000'],
  ['type', 'order.placed'],
  ['app-id', 'shop'],
]
const base64 = (bytes: readonly number[]): string => Buffer.from(bytes).toString('base64')
const TYPED = [
  ['yes', base64([0x74, 1])],
  ['bytes', base64([0x78, 0, 0, 0, 3, 0, 255, 128])],
  ['int32', base64([0x49, 0, 0, 0, 5])],
  ['int64', base64([0x6c, 0, 0, 0, 0, 0, 0, 0, 5])],
  ['double', base64([0x64, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0])],
  ['when', base64([0x54, 0, 0, 0, 0, 0x59, 0x68, 0x2f, 0])],
]

/** What amqplib sends, and how the adapter has to show it. */
export function rabbitmqOddMessages(
  destination: string,
): readonly { readonly message: OutgoingMessage; readonly options: Options.Publish }[] {
  const text = (value: string): Uint8Array => Buffer.from(value)
  const message = (
    payload: Uint8Array,
    headers: readonly (readonly [string, string | null])[],
    form: object,
    key: string | null = null,
  ): OutgoingMessage => ({
    destination,
    lane: null,
    key: key === null ? null : text(key),
    headers: [...headers, ['throughline-amqp', JSON.stringify(form)] as const].map(([name, value]) => ({
      name,
      value: value === null ? null : text(value),
    })),
    payload,
    timestampMs: null,
    idempotencyId: crypto.randomUUID(),
  })
  const plain = { properties: [], typed: [], routingKey: null }
  const readable: [string, string | null][] = [
    ['text', 'значение'],
    ['empty', ''],
    ['null', null],
    ['yes', 'true'],
    ['bytes', base64([0, 255, 128])],
    ['int32', '5'],
    ['int64', '5'],
    ['double', '1'],
    ['when', '2017-07-14T02:40:00.000Z'],
  ]
  const form = { properties: PROPERTIES.map(([name]) => name), typed: TYPED, routingKey: null }
  return [
    { message: message(Buffer.from([0, 255, 128, 10]), [], plain), options: {} },
    { message: message(Buffer.alloc(0), [], plain), options: {} },
    {
      message: message(Buffer.alloc(200_000, 'x'), [], plain, 'k ü'),
      options: { headers: { 'x-message-key': 'k ü' } },
    },
    { message: message(text('{}'), [...PROPERTIES, ...readable], form), options: ODD },
  ]
}
