import { ATTRIBUTE_LIMIT, CLOCKS, type LanguageMends, LINK_LIMIT } from '#domain/convention/mend.ts'

const RABBIT = /rabbit/i
const SQS = /aws-sdk/i

/** For the OpenTelemetry Java agent; most is a setting. */
export const JAVA_MENDS: LanguageMends = {
  'old-names': [
    {
      scope: null,
      title: 'In the environment of the agent; `messaging/dup` sends both names while dashboards move.',
      code: 'OTEL_SEMCONV_STABILITY_OPT_IN=messaging',
    },
  ],
  'conversation-missing': [
    {
      scope: null,
      title: 'In the environment of the agent: record the header that your services pass on.',
      code: 'OTEL_INSTRUMENTATION_MESSAGING_EXPERIMENTAL_CAPTURE_HEADERS=correlation-id',
    },
  ],
  'identity-missing': [
    {
      scope: RABBIT,
      title: 'The agent records no message id on what it publishes: set it in the code, on the active span.',
      code: `// around rabbitTemplate.convertAndSend(...)
Span.current().setAttribute("messaging.message.id", message.getMessageProperties().getMessageId());`,
    },
    {
      scope: SQS,
      title: 'A batch tells the ids only in its answer: send one by one where a message must be found again.',
      code: 'sqs.sendMessage(request -> request.queueUrl(url).messageBody(body));',
    },
    {
      scope: null,
      title: 'On the span that is active around sending and handling: an id of your own.',
      code: 'Span.current().setAttribute("messaging.message.id", messageId);',
    },
  ],
  'group-missing': [
    {
      scope: null,
      title: 'In the listener, on the span that is active there.',
      code: 'Span.current().setAttribute("messaging.consumer.group.name", groupId);',
    },
  ],
  'context-lost': [
    {
      scope: SQS,
      title: 'In the environment of the agent: W3C context in the message attributes, beside the header of X-Ray.',
      code: 'OTEL_INSTRUMENTATION_AWS_SDK_EXPERIMENTAL_USE_PROPAGATOR_FOR_MESSAGING=true',
    },
    {
      scope: null,
      title: 'In the environment of the sender: propagation must not be switched off.',
      code: 'OTEL_INSTRUMENTATION_KAFKA_PRODUCER_PROPAGATION_ENABLED=true',
    },
  ],
  'broken-in-consumer': [
    {
      scope: null,
      title: 'Where records go to another thread or are collected first: carry the context along.',
      code: `Context context = Context.current();
executor.submit(context.wrap(() -> handle(record)));`,
    },
  ],
  'work-after-end': [
    {
      scope: null,
      title:
        'The span of a record ends at the next step of the iterator: work inside the loop, or carry the context along.',
      code: `for (ConsumerRecord<String, String> record : records) {
  handle(record); // not: list.add(record)
}`,
    },
  ],
  'batch-as-one': [
    {
      scope: null,
      title: 'Listen record by record where each message should be a hop of its own.',
      code: '@KafkaListener(topics = "orders", batch = "false")\nvoid on(ConsumerRecord<String, Order> record) { ... }',
    },
  ],
  'links-dropped': LINK_LIMIT,
  'attributes-dropped': ATTRIBUTE_LIMIT,
  'clock-skew': CLOCKS,
}
