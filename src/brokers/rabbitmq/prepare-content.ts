import type { OutgoingMessage } from '#brokers/broker.ts'
import type { AmqpContent } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { stringField } from '#brokers/rabbitmq/amqp/field-table.ts'
import { writeProperties } from '#brokers/rabbitmq/basic-properties.ts'
import { FORM_HEADER, fromHeaders } from '#brokers/rabbitmq/message-headers.ts'
import { Failure } from '#domain/failure.ts'

/** How a destination that is an exchange is written: `exchange:NAME`, or `exchange:NAME/KEY` with each part in percents. */
const EXCHANGE = /^exchange:([^/]+)(?:\/(.*))?$/s
const PERSISTENT = '2'

interface Sender {
  readonly keyHeader: string
  /** RabbitMQ refuses messages whose property `user-id` is of somebody else. */
  readonly username: string
}

/**
 * The bytes of a message for RabbitMQ. A queue is reached by the default exchange, so that nobody else gets the copy; an
 * exchange by the routing key that the destination names, else by the one of the original.
 * @throws Failure `unsupported` or `invalid`; RangeError for what does not fit a property
 */
export function prepareContent(message: OutgoingMessage, { keyHeader, username }: Sender): AmqpContent {
  if (message.payload === null)
    throw new Failure('unsupported', 'a message of RabbitMQ has a body, even if an empty one')
  if (message.lane !== null && message.lane !== '') throw new Failure('not-found', 'a queue has no lanes')
  const { values: read, table: readTable, routingKey } = fromHeaders(message.headers)
  const values = new Map(read)
  const table = [...(readTable ?? [])]
  if (message.key !== null) table.push({ name: keyHeader, wire: stringField(message.key) })
  if (message.timestampMs !== null) values.set('timestamp', String(Math.floor(message.timestampMs / 1_000)))
  if (values.get('user-id') !== username) values.delete('user-id')
  // Of another broker or a file: it says nothing of keeping, so it is kept.
  if (!message.headers.some(({ name }) => name === FORM_HEADER)) values.set('delivery-mode', PERSISTENT)
  return {
    ...addressOf(message.destination, routingKey),
    properties: writeProperties({ values, table: table.length === 0 ? null : table }),
    body: Buffer.from(message.payload),
  }
}

function addressOf(destination: string, originalKey: string | null): Pick<AmqpContent, 'exchange' | 'routingKey'> {
  const [, exchange, key] = EXCHANGE.exec(destination) ?? []
  if (exchange === undefined) {
    requireShort(destination)
    return { exchange: '', routingKey: destination }
  }
  const routingKey = key === undefined ? originalKey : decode(key)
  if (routingKey === null)
    throw new Failure('invalid', 'the message does not say with which routing key it was published')
  return { exchange: decode(exchange), routingKey }
}

function requireShort(name: string): void {
  if (Buffer.byteLength(name) > 255) throw new Failure('not-found', 'no queue has a name of more than 255 bytes')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new Failure('invalid', 'the name of the exchange is written in percents, and these are none', { cause })
  }
}

/** How an exchange is named as a destination. */
export const exchangeDestination = (exchange: string): string => `exchange:${encodeURIComponent(exchange)}`
