import { ATTRIBUTE_LIMIT, CLOCKS, type LanguageMends, LINK_LIMIT } from '#domain/convention/mend.ts'

const CELERY = /celery/i
const PIKA = /pika/i
const CONFLUENT = /confluent/i

const ON_SPAN = (key: string, value: string): string => `from opentelemetry import trace
trace.get_current_span().set_attribute("${key}", ${value})`

/** Around the work on one message, whatever the client. */
const SPAN_PER_MESSAGE = `from opentelemetry import propagate, trace

parent = propagate.extract({k: v.decode() for k, v in message.headers() or []})
attributes = {
    "messaging.system": "kafka",
    "messaging.destination.name": message.topic(),
    "messaging.destination.partition.id": str(message.partition()),
    "messaging.kafka.offset": message.offset(),
    "messaging.operation.type": "process",
    "messaging.consumer.group.name": GROUP,
}
with tracer.start_as_current_span(
    f"process {message.topic()}", parent, kind=trace.SpanKind.CONSUMER, attributes=attributes
):
    handle(message)`

/** For OpenTelemetry Python. */
export const PYTHON_MENDS: LanguageMends = {
  'group-missing': [
    {
      scope: null,
      title: 'In the handler, on the span that is active there.',
      code: ON_SPAN('messaging.consumer.group.name', 'GROUP'),
    },
  ],
  'conversation-missing': [
    {
      scope: PIKA,
      title: 'Where a message is published: pika records this property on both sides.',
      code: 'properties = pika.BasicProperties(correlation_id=order_id, message_id=str(uuid4()))',
    },
    {
      scope: null,
      title: 'In the handler and before sending, on the span that is active there.',
      code: ON_SPAN('messaging.message.conversation_id', 'order_id'),
    },
  ],
  'conversation-per-hop': [
    {
      scope: CELERY,
      title:
        'Celery gives every task an id of its own: record your own id in the task, under a key that is looked for.',
      code: ON_SPAN('correlation.id', 'self.request.headers["correlation-id"]'),
    },
    {
      scope: null,
      title: 'Beside the id of the library record your own, under a key that is looked for.',
      code: ON_SPAN('correlation.id', 'order_id'),
    },
  ],
  'identity-missing': [
    {
      scope: CONFLUENT,
      title:
        'The client learns the position only in the delivery report: send an id of your own and record it on both sides.',
      code: ON_SPAN('messaging.message.id', 'message_id'),
    },
    {
      scope: null,
      title: 'On the span that is active around sending and handling.',
      code: ON_SPAN('messaging.message.id', 'message_id'),
    },
  ],
  'batch-as-one': [
    {
      scope: null,
      title: 'In the loop over the batch: a span per message, and work inside it.',
      code: SPAN_PER_MESSAGE,
    },
  ],
  'broken-in-consumer': [
    {
      scope: null,
      title: 'Around the work on a message: go on in the context that came with it.',
      code: SPAN_PER_MESSAGE,
    },
  ],
  'fetch-only': [
    {
      scope: null,
      title: 'Around the work on a message: a span that lasts as long as the work.',
      code: SPAN_PER_MESSAGE,
    },
  ],
  'work-after-end': [
    {
      scope: null,
      title: 'Around the work on a message: a span that lasts as long as the work.',
      code: SPAN_PER_MESSAGE,
    },
  ],
  'context-lost': [
    {
      scope: null,
      title: 'Where a message is sent without an instrumentation: write the context into its headers, a dict.',
      code: `from opentelemetry import propagate
propagate.inject(headers)`,
    },
  ],
  'links-dropped': LINK_LIMIT,
  'attributes-dropped': ATTRIBUTE_LIMIT,
  'clock-skew': CLOCKS,
}
