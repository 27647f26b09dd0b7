import { ATTRIBUTE_LIMIT, CLOCKS, type LanguageMends, type LibraryMend, LINK_LIMIT } from '#domain/convention/mend.ts'

const KAFKAJS = /kafkajs/i
const AMQPLIB = /amqplib/i
const AWS = /aws-sdk/i

const SPAN_PER_MESSAGE = `for (const message of received.Messages ?? []) {
  const carrier = Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([key, { StringValue }]) => [key, StringValue]),
  )
  const parent = propagation.extract(context.active(), carrier)
  const attributes = {
    'messaging.system': 'aws_sqs',
    'messaging.destination.name': queue,
    'messaging.operation.type': 'process',
    'messaging.message.id': message.MessageId,
  }
  await tracer.startActiveSpan(\`process \${queue}\`, { kind: SpanKind.CONSUMER, attributes }, parent, async (span) => {
    await handle(message).finally(() => span.end())
  })
}`

/** The code that copies a header onto the spans of both sides. */
const copyKafkaHeader = (header: string, attribute: string): string => `const copyId = (span, { message }) => {
  const id = message.headers?.['${header}']?.toString()
  if (id) span.setAttribute('${attribute}', id)
}
new KafkaJsInstrumentation({ producerHook: copyId, consumerHook: copyId })`

const publishWith = (properties: string): LibraryMend => ({
  scope: AMQPLIB,
  title: 'Where a message is published: amqplib records this property on both sides.',
  code: `channel.publish(exchange, routingKey, body, { ${properties} })`,
})

const loopOver = (toWhatEnd: string): LibraryMend => ({
  scope: AWS,
  title: `In the loop over received messages: ${toWhatEnd}`,
  code: SPAN_PER_MESSAGE,
})

const takeOneByOne = (title: string): LibraryMend => ({
  scope: KAFKAJS,
  title,
  code: `await consumer.run({ eachMessage: async ({ message }) => handle(message) })`,
})

/** For OpenTelemetry JS; the hooks are those of the instrumentations' own types. */
export const NODE_MENDS: LanguageMends = {
  'group-missing': [
    {
      scope: KAFKAJS,
      title: 'Where the instrumentation is made: the hook knows the span, you know the group.',
      code: `new KafkaJsInstrumentation({
  consumerHook: (span) =>
    span.setAttribute('messaging.consumer.group.name', groupId),
})`,
    },
    {
      scope: null,
      title: 'In the handler, on the span that is active there.',
      code: `import { trace } from "@opentelemetry/api"
trace.getActiveSpan()?.setAttribute('messaging.consumer.group.name', groupId)`,
    },
  ],
  'conversation-missing': [
    {
      scope: KAFKAJS,
      title: 'Where the instrumentation is made: put the header that your services pass on onto both sides.',
      code: copyKafkaHeader('correlation-id', 'messaging.message.conversation_id'),
    },
    publishWith('correlationId: orderId, messageId: randomUUID()'),
    {
      scope: AWS,
      title: 'Where the instrumentation is made: copy the message attribute that your services pass on.',
      code: `new AwsInstrumentation({
  preRequestHook: (span, { request }) => {
    const id = request.commandInput.MessageAttributes?.['correlation-id']?.StringValue
    if (id) span.setAttribute('messaging.message.conversation_id', id)
  },
})`,
    },
    {
      scope: null,
      title: 'In the handler and before sending, on the span that is active there.',
      code: `import { trace } from "@opentelemetry/api"
trace.getActiveSpan()?.setAttribute('messaging.message.conversation_id', orderId)`,
    },
  ],
  'identity-missing': [
    {
      scope: KAFKAJS,
      title: 'kafkajs learns the position only from the broker: send an id of your own and record it on both sides.',
      code: `// producer.send({ topic, messages: [{ key, value, headers: { 'message-id': randomUUID() } }] })
${copyKafkaHeader('message-id', 'messaging.message.id')}`,
    },
    publishWith('messageId: randomUUID()'),
    loopOver('one span per message, with its id.'),
  ],
  'context-lost': [
    {
      scope: AWS,
      title: 'Where the instrumentation is made; and leave room for trace context below 10 message attributes.',
      code: `// reads the context inside SNS envelopes, too
new AwsInstrumentation({ sqsExtractContextPropagationFromPayload: true })
// or subscribe the queue with RawMessageDelivery=true`,
    },
    {
      scope: null,
      title: 'Where a message is sent without an instrumentation: write the context into its headers.',
      code: `import { context, propagation } from "@opentelemetry/api"
propagation.inject(context.active(), message.headers)`,
    },
  ],
  'broken-in-consumer': [
    loopOver('one span per message, and work inside it.'),
    {
      scope: null,
      title: 'Around the work on a message: go on in the context that came with it.',
      code: `const parent = propagation.extract(context.active(), message.headers)
await tracer.startActiveSpan(\`process \${queue}\`, { kind: SpanKind.CONSUMER }, parent, async (span) => {
  await handle(message).finally(() => span.end())
})`,
    },
  ],
  'fetch-only': [loopOver('one span per message, and work inside it.')],
  'batch-as-one': [takeOneByOne('Take messages one by one, or make a span per message inside the batch.')],
  'batch-durations': [takeOneByOne('kafkajs ends all spans of eachBatch together; eachMessage times each.')],
  'links-dropped': LINK_LIMIT,
  'attributes-dropped': ATTRIBUTE_LIMIT,
  'clock-skew': CLOCKS,
}
