import { expect, test } from 'vitest'
import { type AttributeSlots, SLOT_COUNT, slotOfKey } from '#domain/trace/attribute-slots.ts'
import { findCorrelationId, type RuledId, usableId } from '#domain/trace/find-correlation-id.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'

function find(attributes: Readonly<Record<string, string>>, scope: string | null = null, ruled: RuledId | null = null) {
  const slots: (string | null)[] = Array.from({ length: SLOT_COUNT }, () => null)
  for (const [key, value] of Object.entries(attributes)) slots[slotOfKey(key)] = value
  const filled: AttributeSlots = slots
  return findCorrelationId(filled, readMessagingFacts(filled, 'x', 'consumer'), scope, ruled)
}

const KAFKA = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' }

test.each([
  ['the conversation id', { ...KAFKA, 'messaging.message.conversation_id': 'order-7' }],
  ['the conversation id by its old name', { ...KAFKA, 'messaging.conversation_id': 'order-7' }],
  ['a captured header', { ...KAFKA, 'messaging.header.x_correlation_id': 'order-7' }],
  ['a captured header in another spelling', { ...KAFKA, 'messaging.header.X-Correlation-ID': 'order-7' }],
  ['a CloudEvents extension', { ...KAFKA, ce_correlationid: 'order-7' }],
  ['an attribute that the application sets', { 'correlation.id': 'order-7' }],
  ['NServiceBus', { 'NServiceBus.ConversationId': 'order-7' }],
  ['an agent conversation', { 'gen_ai.conversation.id': 'order-7' }],
  ['a business key', { 'app.order_id': 'order-7' }],
])('is found in %s', (_where, attributes) => {
  expect(find(attributes).correlationId).toBe('order-7')
})

test('the conversation id wins over a header, which becomes an alias', () => {
  const found = find({
    ...KAFKA,
    'messaging.message.conversation_id': 'order-7',
    'messaging.header.correlation_id': 'req-99',
    'cloudevents.event_id': 'evt-1',
  })
  expect(found).toEqual({ correlationId: 'order-7', aliases: ['req-99', 'evt-1'] })
})

test('Celery writes its task id there, new at every hop: it is not taken', () => {
  expect(
    find({ 'celery.task_name': 't', 'messaging.destination': 'q', 'messaging.conversation_id': '5d1f-22aa' })
      .correlationId,
  ).toBeNull()
})

test('boto3sqs writes the number of the batch entry there: it is not taken', () => {
  const scope = 'opentelemetry.instrumentation.boto3sqs'
  expect(
    find({ 'messaging.system': 'aws_sqs', 'messaging.destination': 'q', 'messaging.conversation_id': 'e1' }, scope)
      .correlationId,
  ).toBeNull()
})

test.each([
  '',
  ' ',
  'null',
  'undefined',
  'None',
  'NaN',
  'n/a',
  '0',
  '-1',
  '7',
  'x',
  'test',
  '00000000-0000-0000-0000-000000000000',
  '[object Object]',
  'é'.repeat(200),
])('junk %j is no id', (junk) => {
  expect(usableId(junk)).toBeNull()
})

test('an id is trimmed', () => {
  expect(usableId(' order-7 ')).toBe('order-7')
})

test('the id that a rule gives goes before the conventions, which become aliases', () => {
  const attributes = {
    ...KAFKA,
    'messaging.message.conversation_id': 'order-7',
    'messaging.header.correlation_id': 'req-99',
  }
  expect(find(attributes, null, { correlationId: 'tenant-1' })).toEqual({
    correlationId: 'tenant-1',
    aliases: ['order-7', 'req-99'],
  })
  expect(find(attributes, null, { correlationId: 'order-7' })).toEqual({
    correlationId: 'order-7',
    aliases: ['req-99'],
  })
})

test('a rule can say that nothing there is the id of a flow', () => {
  const attributes = { ...KAFKA, 'messaging.message.conversation_id': 'order-7' }
  expect(find(attributes, null, { correlationId: null })).toEqual({ correlationId: null, aliases: [] })
})

test.each([
  ['a request that says where its reply goes', { 'messaging.header.reply-to': 'answers' }],
  ['a reply in a temporary queue', { 'messaging.destination.temporary': 'true' }],
  ['a reply in an anonymous queue', { 'messaging.destination.anonymous': 'true' }],
  ['a reply by RabbitMQ’s direct reply-to', { 'messaging.destination.name': 'amq.rabbitmq.reply-to.g1h2' }],
  ['a reply in a queue that the server named', { 'messaging.destination.name': 'amq.gen-Xa7' }],
  ['a reply in a queue of replies', { 'messaging.destination.name': 'pricing.replies' }],
])('the correlation id of %s pairs the two: it is found by search and is not the id of the flow', (_what, says) => {
  const rabbit = { 'messaging.system': 'rabbitmq', 'messaging.destination.name': 'pricing' }
  const pair = { 'messaging.message.conversation_id': 'pair-1' }
  expect(find({ ...rabbit, ...pair, ...says })).toEqual({ correlationId: null, aliases: ['pair-1'] })
  const withFlow = { ...rabbit, ...pair, ...says, 'messaging.header.x-correlation-id': 'order-7' }
  expect(find(withFlow)).toEqual({ correlationId: 'order-7', aliases: ['pair-1'] })
})

test('JMS pairs a reply with the message id of its request; an id that the application chose is of the flow', () => {
  const jms = { 'messaging.system': 'activemq', 'messaging.destination.name': 'orders' }
  expect(find({ ...jms, JMSCorrelationID: 'ID:host-1-4711' })).toEqual({
    correlationId: null,
    aliases: ['ID:host-1-4711'],
  })
  expect(find({ ...jms, JMSCorrelationID: 'order-7' }).correlationId).toBe('order-7')
  expect(
    find({ ...jms, JMSCorrelationID: 'pair-1', 'messaging.header.JMSReplyTo': 'answers' }).correlationId,
  ).toBeNull()
})

test('Spring Kafka’s correlation id only ever pairs a request with its reply', () => {
  expect(find({ ...KAFKA, kafka_correlationId: 'pair-1' })).toEqual({ correlationId: null, aliases: ['pair-1'] })
})
