import { ATTRIBUTE_LIMIT, CLOCKS, type LanguageMends, LINK_LIMIT } from '#domain/convention/mend.ts'

const KOTEL = /kotel/i
const SARAMA = /sarama/i

const ON_SPAN = (key: string, value: string): string =>
  `trace.SpanFromContext(ctx).SetAttributes(attribute.String("${key}", ${value}))`

const SPAN_PER_MESSAGE = `ctx = otel.GetTextMapPropagator().Extract(ctx, otelsarama.NewConsumerMessageCarrier(message))
ctx, span := tracer.Start(ctx, "process "+message.Topic,
	trace.WithSpanKind(trace.SpanKindConsumer),
	trace.WithAttributes(
		attribute.String("messaging.system", "kafka"),
		attribute.String("messaging.operation.type", "process"),
		attribute.String("messaging.destination.name", message.Topic),
		attribute.String("messaging.destination.partition.id", strconv.Itoa(int(message.Partition))),
		attribute.Int64("messaging.kafka.offset", message.Offset),
		attribute.String("messaging.consumer.group.name", group)))
defer span.End()`

/** For OpenTelemetry Go. */
export const GO_MENDS: LanguageMends = {
  'group-missing': [
    {
      scope: KOTEL,
      title: 'Where the tracer is made.',
      code: 'kotel.NewTracer(kotel.ConsumerGroup(group), kotel.ClientID(clientID))',
    },
    {
      scope: null,
      title: 'In the handler, on the span of its context.',
      code: ON_SPAN('messaging.consumer.group.name', 'group'),
    },
  ],
  'conversation-missing': [
    {
      scope: null,
      title: 'In the handler and before sending, on the span of the context.',
      code: ON_SPAN('messaging.message.conversation_id', 'orderID'),
    },
  ],
  'identity-missing': [
    {
      scope: null,
      title: 'On the span of the context around sending and handling.',
      code: ON_SPAN('messaging.message.id', 'messageID'),
    },
  ],
  'fetch-only': [
    {
      scope: SARAMA,
      title: 'At the start of the handler: a span that lasts as long as the work.',
      code: SPAN_PER_MESSAGE,
    },
  ],
  'broken-in-consumer': [
    {
      scope: SARAMA,
      title: 'At the start of the handler, and pass its context on to what sends.',
      code: SPAN_PER_MESSAGE,
    },
    {
      scope: null,
      title: 'Pass the context that came with the message on to what sends.',
      code: 'publish.SetContext(message.Context())',
    },
  ],
  'context-lost': [
    {
      scope: null,
      title: 'Where a message is sent without an instrumentation: write the context into its headers.',
      code: 'otel.GetTextMapPropagator().Inject(ctx, carrier)',
    },
  ],
  'links-dropped': LINK_LIMIT,
  'attributes-dropped': ATTRIBUTE_LIMIT,
  'clock-skew': CLOCKS,
}
