import { ATTRIBUTE_LIMIT, CLOCKS, type LanguageMends, LINK_LIMIT } from '#domain/convention/mend.ts'

const ON_ACTIVITY = (key: string, value: string): string => `Activity.Current?.SetTag("${key}", ${value});`

const SPAN_PER_MESSAGE = `var parent = Propagators.DefaultTextMapPropagator.Extract(default, message.Headers, ReadHeader);
using var activity = source.StartActivity($"process {queue}", ActivityKind.Consumer, parent.ActivityContext);
activity?.SetTag("messaging.operation.type", "process");
activity?.SetTag("messaging.destination.name", queue);
await HandleAsync(message);`

/** For OpenTelemetry .NET, where a span is an Activity. */
export const DOTNET_MENDS: LanguageMends = {
  'group-missing': [
    { scope: null, title: 'In the handler.', code: ON_ACTIVITY('messaging.consumer.group.name', 'groupId') },
  ],
  'conversation-missing': [
    {
      scope: null,
      title: 'In the handler and before sending.',
      code: ON_ACTIVITY('messaging.message.conversation_id', 'orderId'),
    },
  ],
  'identity-missing': [
    { scope: null, title: 'Around sending and handling.', code: ON_ACTIVITY('messaging.message.id', 'messageId') },
  ],
  'fetch-only': [{ scope: null, title: 'Around the work on a message.', code: SPAN_PER_MESSAGE }],
  'batch-as-one': [{ scope: null, title: 'In the loop over the batch.', code: SPAN_PER_MESSAGE }],
  'broken-in-consumer': [{ scope: null, title: 'Around the work on a message.', code: SPAN_PER_MESSAGE }],
  'work-after-end': [{ scope: null, title: 'Around the work on a message.', code: SPAN_PER_MESSAGE }],
  'context-lost': [
    {
      scope: null,
      title: 'Where a message is sent without an instrumentation: write the context into its headers.',
      code: 'Propagators.DefaultTextMapPropagator.Inject(new(Activity.Current!.Context, Baggage.Current), headers, WriteHeader);',
    },
  ],
  'links-dropped': LINK_LIMIT,
  'attributes-dropped': ATTRIBUTE_LIMIT,
  'clock-skew': CLOCKS,
}
