import { ownValue } from '#domain/own-value.ts'
import { type AttributeSlots, FACT_KEYS, firstText, slotsOf } from '#domain/trace/attribute-slots.ts'
import type { MessagingFacts, MessagingOperation, SpanKind } from '#domain/trace/span.ts'

type FactName = keyof typeof FACT_KEYS
const SLOTS = Object.fromEntries(Object.entries(FACT_KEYS).map(([name, keys]) => [name, slotsOf(keys)])) as Record<
  FactName,
  readonly number[]
>

/** What instrumentations of all generations call the five operations. */
const OPERATIONS: Readonly<Record<string, MessagingOperation>> = {
  create: 'create',
  send: 'send',
  publish: 'send',
  produce: 'send',
  apply_async: 'send',
  receive: 'receive',
  poll: 'receive',
  recv: 'receive',
  process: 'process',
  deliver: 'process',
  consume: 'process',
  run: 'process',
  settle: 'settle',
  ack: 'settle',
  nack: 'settle',
  reject: 'settle',
  commit: 'settle',
  delete: 'settle',
  complete: 'settle',
  abandon: 'settle',
  dead_letter: 'settle',
}

const SYSTEMS: Readonly<Record<string, string>> = {
  'aws.sqs': 'aws_sqs',
  amazonsqs: 'aws_sqs',
  sqs: 'aws_sqs',
  aws_sns: 'aws.sns',
  amazonsns: 'aws.sns',
  sns: 'aws.sns',
  amqp: 'rabbitmq',
  pubsub: 'gcp_pubsub',
}

/** Spans without an operation that still say, by their name or RPC method, that a message was settled. */
const SETTLING = /^(?:basic\.(?:ack|nack|reject)|DeleteMessage(?:Batch)?|ChangeMessageVisibility(?:Batch)?)$/

/** Longer than any broker allows; indexes take no more, and the attribute itself is kept whole. */
const MOST_CHARACTERS = 500

const shortName = (name: string | null): string | null =>
  name === null || name.length <= MOST_CHARACTERS ? name : `${name.slice(0, MOST_CHARACTERS).toWellFormed()}…`

/** Two ids that are cut may be the same then, so one that is too long is none. */
const boundIdentity = (id: string | null): string | null => (id === null || id.length > MOST_CHARACTERS ? null : id)

/**
 * What a span says about a message, in one vocabulary. null when the span is not about one: broker administration
 * (declare, bind, GetQueueUrl) has a system but no operation, and an operation with neither system nor destination
 * tells nothing.
 */
export function readMessagingFacts(slots: AttributeSlots, spanName: string, kind: SpanKind): MessagingFacts | null {
  const system = readSystem(slots)
  const named = firstText(slots, SLOTS.destination)
  if (system === null && named === null) return null
  const operation = readOperation(slots, spanName, kind)
  if (operation === null) return null
  const partition = firstText(slots, SLOTS.partition)
  const destination = readDestination(slots, named, spanName, operation, system)
  const identity = readIdentity(slots, system, destination, partition)
  return {
    system: shortName(system) ?? 'unknown',
    operation,
    destination: shortName(destination),
    partition: boundIdentity(identity.partition),
    offset: boundIdentity(identity.offset),
    messageId: boundIdentity(identity.messageId),
    consumerGroup: shortName(firstText(slots, SLOTS.consumerGroup)),
    clientId: shortName(firstText(slots, SLOTS.clientId)),
    messageKey: boundIdentity(firstText(slots, SLOTS.messageKey)),
    conversationId: boundIdentity(firstText(slots, SLOTS.conversationId)),
    batchCount: readCount(firstText(slots, SLOTS.batchCount)),
  }
}

function readSystem(slots: AttributeSlots): string | null {
  const said = firstText(slots, SLOTS.system)?.toLowerCase()
  if (said !== undefined) return ownValue(SYSTEMS, said) ?? said
  if (firstText(slots, SLOTS.celeryTask) !== null) return 'celery'
  if (firstText(slots, BULLMQ_SLOTS) !== null) return 'bullmq'
  const service = firstText(slots, SLOTS.rpcService)?.toLowerCase()
  if (service === 'sqs') return 'aws_sqs'
  return ownValue(AZURE_SYSTEMS, firstText(slots, SLOTS.azureNamespace)?.toLowerCase() ?? '') ?? null
}

const AZURE_SYSTEMS: Readonly<Record<string, string>> = {
  'microsoft.servicebus': 'servicebus',
  'microsoft.eventhub': 'eventhubs',
  'microsoft.eventgrid': 'eventgrid',
}
const BULLMQ_SLOTS = slotsOf(['bullmq_queue_name', 'bullmq_job_id'])

function readOperation(slots: AttributeSlots, spanName: string, kind: SpanKind): MessagingOperation | null {
  for (const slot of SLOTS.operationType) {
    const said = slots[slot]
    const known = said === null || said === undefined ? undefined : ownValue(OPERATIONS, said.toLowerCase())
    if (known !== undefined) return known
  }
  if (SETTLING.test(spanName) || SETTLING.test(firstText(slots, SLOTS.rpcMethod) ?? '')) return 'settle'
  if (kind === 'producer') return 'send'
  return kind === 'consumer' ? 'process' : null
}

function readDestination(
  slots: AttributeSlots,
  named: string | null,
  spanName: string,
  operation: MessagingOperation,
  system: string | null,
): string | null {
  if (system === 'rabbitmq') return rabbitDestination(slots, named, spanName, operation)
  if (named === null) return lastPart(firstText(slots, SLOTS.queueUrl), '/')
  if (named.startsWith('arn:')) return lastPart(named, ':')
  return PUBSUB_PATH.test(named) ? lastPart(named, '/') : named
}

/** `projects/<project>/topics/<topic>`, as the Pub/Sub clients write it. */
const PUBSUB_PATH = /^projects\/[^/]+\/(?:topics|subscriptions)\/[^/]+$/

/**
 * RabbitMQ consumers take from a queue, but amqplib names it only in the span name (`<queue> process`, with the exchange
 * as destination) and the current convention only as the last part of `exchange:routing key:queue`. The default
 * exchange has no name: there the routing key is the queue.
 */
function rabbitDestination(
  slots: AttributeSlots,
  named: string | null,
  spanName: string,
  operation: MessagingOperation,
): string | null {
  const key = firstText(slots, SLOTS.routingKey)
  if (operation !== 'process' && operation !== 'receive') return named ?? key
  const mark = key === null || named === null ? -1 : named.indexOf(`:${key}:`)
  if (named !== null && key !== null && mark >= 0) return named.slice(mark + key.length + 2)
  const queue = / (?:process|receive|deliver)$/.test(spanName) ? spanName.slice(0, spanName.lastIndexOf(' ')) : ''
  const isKeyOrExchange = queue === key || queue === named || queue === '' || queue.startsWith('<')
  return isKeyOrExchange ? (named ?? key) : queue
}

interface MessageIdentity {
  readonly partition: string | null
  readonly offset: string | null
  readonly messageId: string | null
}

/**
 * Kafka has no message ids: what some clients put there is the position, as a bare offset (sarama, watermill) or as
 * `topic.partition.offset` (confluent-kafka, aiokafka).
 */
function readIdentity(
  slots: AttributeSlots,
  system: string | null,
  destination: string | null,
  partition: string | null,
): MessageIdentity {
  const messageId = firstText(slots, SLOTS.messageId)
  const offset = firstText(slots, SLOTS.offset)
  if (system !== 'kafka' || messageId === null) return { partition, offset, messageId }
  if (/^\d+$/.test(messageId)) return { partition, offset: offset ?? messageId, messageId: null }
  const place = /^(.+)\.(\d+)\.(\d+)$/.exec(messageId)
  if (place === null || (destination !== null && place[1] !== destination)) return { partition, offset, messageId }
  return { partition: partition ?? place[2] ?? null, offset: offset ?? place[3] ?? null, messageId: null }
}

function readCount(text: string | null): number | null {
  const count = Number(text ?? Number.NaN)
  return Number.isSafeInteger(count) && count >= 0 ? Math.min(count, 2_147_483_647) : null
}

function lastPart(text: string | null, separator: string): string | null {
  const part = text?.slice(text.lastIndexOf(separator) + 1) ?? ''
  return part === '' ? null : part
}
