import type { Message, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import type { OutgoingMessage } from '#brokers/broker.ts'
import { fromHeaders, textOf, toHeaders } from '#brokers/sqs/message-form.ts'
import { openEnvelope, readDeath } from '#brokers/sqs/open-envelope.ts'
import { Failure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'

/** What a message group may be called. */
const GROUP = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/

/**
 * The receive count is left out: it counts looks as well, so it does not tell how often somebody tried.
 * @param keyAttribute the attribute that is the key where a message has no group
 */
export function toBrokerMessage(queue: string, message: Message, keyAttribute: string): BrokerMessage {
  const body = message.Body ?? ''
  const group = message.Attributes?.MessageGroupId
  const keyed = group === undefined ? message.MessageAttributes?.[keyAttribute] : undefined
  const opened = openEnvelope(body)
  const sentMs = Number(message.Attributes?.SentTimestamp ?? Number.NaN)
  const hasTime = Number.isSafeInteger(sentMs)
  const key = group === undefined ? (keyed?.BinaryValue ?? keyed?.StringValue ?? null) : group
  const attribute = (name: string): string | null => message.MessageAttributes?.[name]?.StringValue ?? null
  return {
    destination: queue,
    position: { lane: '', sequence: message.MessageId ?? '' },
    key: typeof key === 'string' ? Buffer.from(key, 'utf8') : key,
    headers: toHeaders(message, keyed === undefined ? null : keyAttribute, opened.headers),
    payload: Buffer.from(body, 'utf8'),
    timestampMs: hasTime ? sentMs : null,
    timestampKind: hasTime ? 'appended' : 'unknown',
    attempts: null,
    brokerFailure: readDeath(message.Attributes?.DeadLetterQueueSourceArn, attribute, opened),
  }
}

/**
 * An entry of a batch, without its id. In a FIFO queue the key is the message group, and the id under which SQS drops a
 * second copy within five minutes is our own, as that of the original may still be remembered there.
 * @throws Failure `unsupported` or `invalid` for what no message of SQS can be
 */
export function prepareEntry(
  message: OutgoingMessage,
  isFifo: boolean,
  keyAttribute: string,
): Omit<SendMessageBatchRequestEntry, 'Id'> {
  const { payload, key, headers, idempotencyId } = message
  if (message.lane !== null && message.lane !== '') throw new Failure('not-found', 'a queue has no lanes')
  if (payload === null || payload.length === 0) throw new Failure('unsupported', 'a message of SQS is never empty')
  const body = textOf(payload)
  if (body === null)
    throw new Failure('invalid', 'SQS keeps text alone, and its body is none (or has control characters)')
  const plain = fromHeaders(headers, null)
  const isGroup = key !== null && (isFifo || plain.isGrouped)
  const group = isGroup ? Buffer.from(key).toString('utf8') : isFifo ? idempotencyId : null
  if (group !== null && !GROUP.test(group)) {
    throw new Failure('invalid', 'its key cannot be a message group: 1 to 128 letters, digits and marks of ASCII')
  }
  const { attributes, traceHeader } =
    key === null || isGroup ? plain : fromHeaders(headers, { name: keyAttribute, value: key })
  return {
    MessageBody: body,
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    ...(group !== null && { MessageGroupId: group }),
    ...(isFifo && { MessageDeduplicationId: idempotencyId }),
    ...(traceHeader !== null && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    }),
  }
}

/** What SQS counts: the body and the names, types and values of its attributes. */
export function sizeOf({
  MessageBody: body = '',
  MessageAttributes: attributes = {},
}: Partial<SendMessageBatchRequestEntry>): number {
  let bytes = Buffer.byteLength(body)
  for (const [name, { DataType: type = '', StringValue: text = '', BinaryValue: binary }] of Object.entries(
    attributes,
  )) {
    bytes += name.length + type.length + Buffer.byteLength(text) + (binary?.length ?? 0)
  }
  return bytes
}
