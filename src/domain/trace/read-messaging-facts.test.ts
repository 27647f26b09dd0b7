import { expect, test } from 'vitest'
import { type AttributeSlots, SLOT_COUNT, slotOfKey } from '#domain/trace/attribute-slots.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import type { MessagingFacts, SpanKind } from '#domain/trace/span.ts'

/** Slots as a decoder fills them: everything as text. */
function slotsFrom(attributes: Readonly<Record<string, string | number>>): AttributeSlots {
  const slots: (string | null)[] = Array.from({ length: SLOT_COUNT }, () => null)
  for (const [key, value] of Object.entries(attributes)) {
    const slot = slotOfKey(key)
    if (slot >= 0) slots[slot] = String(value)
  }
  return slots
}

interface Dialect {
  readonly dialect: string
  readonly span: string
  readonly kind: SpanKind
  readonly attributes: Readonly<Record<string, string | number>>
  /** null = not a messaging act; else what differs from "says nothing". */
  readonly says: Partial<MessagingFacts> | null
}

const SILENT: MessagingFacts = {
  system: '',
  operation: 'send',
  destination: null,
  partition: null,
  offset: null,
  messageId: null,
  consumerGroup: null,
  clientId: null,
  messageKey: null,
  conversationId: null,
  batchCount: null,
}

const DIALECTS: readonly Dialect[] = [
  {
    dialect: 'kafkajs producer',
    span: 'send orders',
    kind: 'producer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.kafka.message.key': 'cust-1',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
    },
    says: { system: 'kafka', operation: 'send', destination: 'orders', messageKey: 'cust-1' },
  },
  {
    dialect: 'kafkajs eachMessage (offset as text)',
    span: 'process orders',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '1',
      'messaging.operation.type': 'process',
      'messaging.kafka.offset': '8',
    },
    says: { system: 'kafka', operation: 'process', destination: 'orders', partition: '1', offset: '8' },
  },
  {
    dialect: 'kafkajs poll of a batch',
    span: 'poll payments',
    kind: 'client',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'payments',
      'messaging.operation.name': 'poll',
      'messaging.operation.type': 'receive',
      'messaging.batch.message_count': 3,
    },
    says: { system: 'kafka', operation: 'receive', destination: 'payments', batchCount: 3 },
  },
  {
    dialect: 'amqplib producer (exchange)',
    span: 'publish orders',
    kind: 'producer',
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination': 'orders',
      'messaging.rabbitmq.routing_key': 'order.placed',
      'messaging.message_id': 'a3f1c2d4-1',
      'messaging.conversation_id': 'order-7',
    },
    says: {
      system: 'rabbitmq',
      operation: 'send',
      destination: 'orders',
      messageId: 'a3f1c2d4-1',
      conversationId: 'order-7',
    },
  },
  {
    dialect: 'amqplib producer to the default exchange',
    span: 'publish <default>',
    kind: 'producer',
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination': '',
      'messaging.rabbitmq.routing_key': 'payments.q',
    },
    says: { system: 'rabbitmq', operation: 'send', destination: 'payments.q' },
  },
  {
    dialect: 'amqplib consumer hides the queue in the span name',
    span: 'payments.orders process',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination': 'orders',
      'messaging.rabbitmq.routing_key': 'order.placed',
      'messaging.operation': 'process',
    },
    says: { system: 'rabbitmq', operation: 'process', destination: 'payments.orders' },
  },
  {
    dialect: 'Java agent RabbitMQ, current names: exchange:key:queue',
    span: 'process orders.x:order.created:payments.q',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'orders.x:order.created:payments.q',
      'messaging.rabbitmq.destination.routing_key': 'order.created',
      'messaging.operation.type': 'process',
      'messaging.message.id': '9c1b7c1e-8d',
    },
    says: { system: 'rabbitmq', operation: 'process', destination: 'payments.q', messageId: '9c1b7c1e-8d' },
  },
  {
    dialect: 'Java agent RabbitMQ acknowledgement',
    span: 'basic.ack',
    kind: 'client',
    attributes: { 'messaging.system': 'rabbitmq' },
    says: { system: 'rabbitmq', operation: 'settle' },
  },
  {
    dialect: 'Java agent RabbitMQ administration',
    span: 'queue.declare',
    kind: 'client',
    attributes: { 'messaging.system': 'rabbitmq' },
    says: null,
  },
  {
    dialect: 'Java agent Kafka, old names',
    span: 'orders process',
    kind: 'consumer',
    attributes: {
      'messaging.kafka.consumer.group': 'payments-group',
      'messaging.kafka.message.key': 'order-1',
      'messaging.destination.partition.id': '2',
      'messaging.system': 'kafka',
      'messaging.kafka.message.offset': 14,
      'messaging.destination.name': 'orders',
      'messaging.operation': 'process',
      'messaging.client_id': 'payments-consumer',
    },
    says: {
      system: 'kafka',
      operation: 'process',
      destination: 'orders',
      partition: '2',
      offset: '14',
      consumerGroup: 'payments-group',
      clientId: 'payments-consumer',
      messageKey: 'order-1',
    },
  },
  {
    dialect: 'Java agent Kafka, old name of sending',
    span: 'orders publish',
    kind: 'producer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.operation': 'publish',
      'messaging.kafka.message.offset': 14,
    },
    says: { system: 'kafka', operation: 'send', destination: 'orders', offset: '14' },
  },
  {
    dialect: 'Java agent Kafka, current names',
    span: 'process orders',
    kind: 'consumer',
    attributes: {
      'messaging.operation.type': 'process',
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.client.id': 'payments-consumer',
      'messaging.consumer.group.name': 'payments-group',
      'messaging.kafka.offset': 14,
    },
    says: {
      system: 'kafka',
      operation: 'process',
      destination: 'orders',
      offset: '14',
      consumerGroup: 'payments-group',
      clientId: 'payments-consumer',
    },
  },
  {
    dialect: 'Java SQS create, current names',
    span: 'create orders',
    kind: 'producer',
    attributes: {
      'messaging.system': 'aws_sqs',
      'messaging.destination.name': 'orders',
      'messaging.operation.type': 'create',
    },
    says: { system: 'aws_sqs', operation: 'create', destination: 'orders' },
  },
  {
    dialect: 'Java SQS, old system name and only a queue URL',
    span: 'Sqs.SendMessage',
    kind: 'producer',
    attributes: {
      'messaging.system': 'AmazonSQS',
      'aws.queue.url': 'http://sqs.local/000/orders',
      'messaging.operation': 'publish',
    },
    says: { system: 'aws_sqs', operation: 'send', destination: 'orders' },
  },
  {
    dialect: 'AWS SDK for Node: SNS',
    span: 'orders send',
    kind: 'producer',
    attributes: {
      'rpc.service': 'SNS',
      'messaging.system': 'aws.sns',
      'messaging.destination': 'orders',
      'messaging.destination.name': 'arn:aws:sns:eu-central-1:000000000000:orders',
    },
    says: { system: 'aws.sns', operation: 'send', destination: 'orders' },
  },
  {
    dialect: 'AWS SDK for Node: SQS receive is a CONSUMER',
    span: 'payments-orders receive',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'aws_sqs',
      'messaging.destination.name': 'payments-orders',
      'messaging.operation.type': 'receive',
      'messaging.batch.message_count': 2,
    },
    says: { system: 'aws_sqs', operation: 'receive', destination: 'payments-orders', batchCount: 2 },
  },
  {
    dialect: 'AWS SDK for Node: deleting is settling',
    span: 'SQS.DeleteMessage',
    kind: 'client',
    attributes: {
      'rpc.service': 'SQS',
      'rpc.method': 'DeleteMessage',
      'messaging.system': 'aws_sqs',
      'messaging.destination.name': 'payments-orders',
    },
    says: { system: 'aws_sqs', operation: 'settle', destination: 'payments-orders' },
  },
  {
    dialect: 'franz-go consumer: source names, integer partition',
    span: 'orders process',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.source.kind': 'topic',
      'messaging.source.name': 'orders',
      'messaging.operation': 'process',
      'messaging.kafka.source.partition': 0,
      'messaging.kafka.message.offset': 3,
    },
    says: { system: 'kafka', operation: 'process', destination: 'orders', partition: '0', offset: '3' },
  },
  {
    dialect: 'sarama puts the offset into the message id',
    span: 'orders receive',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.operation': 'receive',
      'messaging.message.id': '17',
      'messaging.kafka.source.partition': 1,
    },
    says: { system: 'kafka', operation: 'receive', destination: 'orders', partition: '1', offset: '17' },
  },
  {
    dialect: 'the operation alone, without system and destination, tells nothing',
    span: 'consume message',
    kind: 'internal',
    attributes: { 'messaging.operation': 'process' },
    says: null,
  },
  {
    dialect: 'Python confluent-kafka: the position is the message id',
    span: 'mcp.requests process',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'kafka',
      'messaging.destination': 'mcp.requests',
      'messaging.kafka.partition': 0,
      'messaging.operation': 'process',
      'messaging.message.id': 'mcp.requests.0.29',
    },
    says: { system: 'kafka', operation: 'process', destination: 'mcp.requests', partition: '0', offset: '29' },
  },
  {
    dialect: 'Celery producer has no system',
    span: 'apply_async/shipping.ship',
    kind: 'producer',
    attributes: {
      'celery.action': 'apply_async',
      'celery.task_name': 'shipping.ship',
      'messaging.message.id': '5d1f-22aa',
      'messaging.destination': 'shipping',
    },
    says: { system: 'celery', operation: 'send', destination: 'shipping', messageId: '5d1f-22aa' },
  },
  {
    dialect: 'Celery worker',
    span: 'run/shipping.ship',
    kind: 'consumer',
    attributes: {
      'celery.action': 'run',
      'celery.task_name': 'shipping.ship',
      'messaging.conversation_id': '5d1f-22aa',
      'messaging.message.id': '5d1f-22aa',
      'messaging.destination': 'shipping',
    },
    says: {
      system: 'celery',
      operation: 'process',
      destination: 'shipping',
      messageId: '5d1f-22aa',
      conversationId: '5d1f-22aa',
    },
  },
  {
    dialect: 'BullMQ',
    span: 'process payments',
    kind: 'consumer',
    attributes: { 'bullmq.queue.name': 'payments', 'bullmq.job.id': '41' },
    says: { system: 'bullmq', operation: 'process', destination: 'payments', messageId: '41' },
  },
  {
    dialect: 'Pub/Sub: the subscription is the group',
    span: 'process orders',
    kind: 'consumer',
    attributes: {
      'messaging.system': 'gcp_pubsub',
      'messaging.destination.name': 'orders',
      'messaging.destination.subscription.name': 'payments-sub',
      'messaging.operation.type': 'process',
    },
    says: { system: 'gcp_pubsub', operation: 'process', destination: 'orders', consumerGroup: 'payments-sub' },
  },
  {
    dialect: 'a system nobody has heard of passes through',
    span: 'x',
    kind: 'producer',
    attributes: { 'messaging.system': 'carrier-pigeon', 'messaging.destination.name': 'loft' },
    says: { system: 'carrier-pigeon', operation: 'send', destination: 'loft' },
  },
]

test.each(DIALECTS)('$dialect', ({ span, kind, attributes, says }) => {
  const facts = readMessagingFacts(slotsFrom(attributes), span, kind)
  expect(facts).toEqual(says === null ? null : { ...SILENT, ...says })
})
