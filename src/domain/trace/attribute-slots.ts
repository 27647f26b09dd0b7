/**
 * The attribute keys that a fact is read from, best first, in folded form: lower case with `.`, `-` and space as `_`.
 * Folding makes one of most generations (`messaging.message_id`, `messaging.message.id`) and of header spellings.
 * Sources: OpenTelemetry messaging conventions 1.44 with their deprecated names, and captures of stock instrumentations.
 */
export const FACT_KEYS = {
  system: ['messaging_system'],
  operationType: ['messaging_operation_type', 'messaging_operation', 'messaging_operation_name', 'celery_action'],
  destination: [
    'messaging_destination_name',
    'messaging_source_name',
    'messaging_destination',
    'messaging_source',
    'messaging_destination_publish_name',
    'bullmq_queue_name',
    'messaging_bullmq_queue_name',
    'messaging_gcp_pubsub_topic',
    'messaging_eventhubs_destination',
    'message_bus_destination',
  ],
  queueUrl: ['aws_sqs_queue_url', 'aws_queue_url'],
  routingKey: ['messaging_rabbitmq_destination_routing_key', 'messaging_rabbitmq_routing_key'],
  partition: [
    'messaging_destination_partition_id',
    'messaging_kafka_destination_partition',
    'messaging_kafka_source_partition',
    'messaging_kafka_partition',
    'messaging_eventhubs_partition_id',
  ],
  offset: ['messaging_kafka_offset', 'messaging_kafka_message_offset', 'messaging_nats_stream_sequence'],
  messageId: ['messaging_message_id', 'bullmq_job_id'],
  consumerGroup: [
    'messaging_consumer_group_name',
    'messaging_kafka_consumer_group',
    'messaging_rocketmq_client_group',
    'messaging_eventhubs_consumer_group',
    'messaging_destination_subscription_name',
    'messaging_servicebus_destination_subscription_name',
  ],
  clientId: [
    'messaging_client_id',
    'messaging_kafka_client_id',
    'messaging_rocketmq_client_id',
    'messaging_consumer_id',
    'kafka_client_id',
  ],
  messageKey: ['messaging_kafka_message_key', 'messaging_gcp_pubsub_message_ordering_key'],
  conversationId: ['messaging_message_conversation_id', 'messaging_conversation_id'],
  /** Where a request wants its reply. */
  replyTo: [
    'messaging_header_reply_to',
    'messaging_message_header_reply_to',
    'messaging_header_jmsreplyto',
    'messaging_header_kafka_replytopic',
    'messaging_message_reply_to',
    'messaging_rabbitmq_message_reply_to',
  ],
  isTemporary: ['messaging_destination_temporary', 'messaging_temp_destination', 'messaging_destination_anonymous'],
  batchCount: ['messaging_batch_message_count'],
  rpcMethod: ['rpc_method'],
  rpcService: ['rpc_service'],
  celeryTask: ['celery_task_name'],
  azureNamespace: ['az_namespace'],
} as const satisfies Record<string, readonly string[]>

/**
 * Where a correlation id may stand, in the order in which it is looked for; the conversation id comes before all of
 * them. All of what is found beyond the first are other names of the same flow.
 */
export const CORRELATION_KEYS = [
  ...[
    'correlation_id',
    'correlationid',
    'x_correlation_id',
    'x_correlationid',
    'x_conversation_id',
    'conversation_id',
    'x_request_id',
    'ce_correlationid',
  ].flatMap((name) => [`messaging_header_${name}`, `messaging_message_header_${name}`]),
  'ce_correlationid',
  'cloudevents_correlationid',
  'correlationid',
  'correlation_id',
  'x_correlation_id',
  'app_correlation_id',
  'baggage_correlation_id',
  'http_request_header_x_correlation_id',
  'http_request_header_correlation_id',
  'nservicebus_conversationid',
  'nservicebus_conversation_id',
  'messaging_masstransit_conversation_id',
  'jmscorrelationid',
  'messaging_jms_correlation_id',
  'gen_ai_conversation_id',
  'a2a_context_id',
  'a2a_task_id',
  'mcp_session_id',
  'app_order_id',
  'app_business_id',
] as const

/**
 * Ids that name the event itself, or pair a request with its reply, not the flow: found by search, never a flow key.
 * Spring Kafka's correlation id is only ever of the last kind.
 */
export const ALIAS_KEYS = [
  'cloudevents_event_id',
  'ce_id',
  'cloudevents_id',
  'messaging_header_ce_id',
  'messaging_message_header_ce_id',
  'kafka_correlationid',
  'messaging_header_kafka_correlationid',
] as const

const ALL_KEYS: readonly string[] = [
  ...new Set([...Object.values(FACT_KEYS).flat(), ...CORRELATION_KEYS, ...ALIAS_KEYS]),
]
const SLOT_BY_KEY: ReadonlyMap<string, number> = new Map(ALL_KEYS.map((key, slot) => [key, slot]))

/** How many slots a decoder has to keep per span. */
export const SLOT_COUNT = ALL_KEYS.length

/** Values of known keys by slot, as text; null = the span does not have the key. */
export type AttributeSlots = readonly (string | null)[]

export const foldKey = (key: string): string => key.toLowerCase().replaceAll(/[.\- ]/g, '_')

/** The slot of an attribute key, whatever its spelling; -1 when nothing is read from it. A decoder asks once per key. */
export const slotOfKey = (key: string): number => SLOT_BY_KEY.get(foldKey(key)) ?? -1

/** The slots of some folded keys, in their order. */
export const slotsOf = (keys: readonly string[]): readonly number[] => keys.map((key) => SLOT_BY_KEY.get(key) ?? -1)

const FEW_VALUED = new Set(
  (
    [
      'system',
      'operationType',
      'destination',
      'routingKey',
      'partition',
      'consumerGroup',
      'rpcMethod',
      'rpcService',
    ] as const
  ).flatMap((fact) => slotsOf(FACT_KEYS[fact])),
)

/** Whether the values of a slot come again and again, so that a decoder may keep them. */
export const isFewValued = (slot: number): boolean => FEW_VALUED.has(slot)

/** The first value that is there and not blank. */
export function firstText(slots: AttributeSlots, wanted: readonly number[]): string | null {
  for (const slot of wanted) {
    const value = slots[slot]
    if (value !== null && value !== undefined && value !== '') return value
  }
  return null
}
