import type { MessagingFacts, SpanKind } from '#domain/trace/span.ts'

/** One span as a stock instrumentation writes it, and what it says. */
export interface MessagingDialect {
  readonly dialect: string
  readonly span: string
  readonly kind: SpanKind
  readonly attributes: Readonly<Record<string, string | number>>
  /** null = not a messaging act; else what differs from "says nothing". */
  readonly says: Partial<MessagingFacts> | null
}

/** Rows for tests, from captures of the libraries; those of Kafka clients are in kafka-dialects.ts. */
export const MESSAGING_DIALECTS: readonly MessagingDialect[] = [
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
    dialect: 'the operation alone, without system and destination, tells nothing',
    span: 'consume message',
    kind: 'internal',
    attributes: { 'messaging.operation': 'process' },
    says: null,
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
