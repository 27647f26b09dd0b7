/**
 * Generations of the OpenTelemetry messaging names. `first`: until 1.16 (`messaging.destination`, `messaging.message_id`).
 * `second`: 1.17 to 1.25 (`messaging.operation`, `messaging.kafka.consumer.group`). `current`: since 1.26
 * (`messaging.operation.type`, `messaging.consumer.group.name`). `both`: the same facts under old and current names.
 * `mixed`: some facts under old and others under current names. `own`: no `messaging.system`, the library has names of
 * its own. `shared`: only names that the second and the current generation have in common.
 */
export type NameGeneration = 'first' | 'second' | 'current' | 'both' | 'mixed' | 'own' | 'shared'

const FIRST: ReadonlySet<string> = new Set([
  'messaging.destination',
  'messaging.destination_kind',
  'messaging.temp_destination',
  'messaging.message_id',
  'messaging.conversation_id',
  'messaging.message_payload_size_bytes',
  'messaging.url',
  'messaging.protocol',
  'messaging.protocol_version',
  'messaging.consumer_id',
  'messaging.kafka.partition',
  'messaging.kafka.message_key',
  'messaging.kafka.consumer_group',
  'messaging.kafka.tombstone',
  'messaging.rabbitmq.routing_key',
])
const SECOND: ReadonlySet<string> = new Set([
  'messaging.destination.kind',
  'messaging.source.name',
  'messaging.source.kind',
  'messaging.client_id',
  'messaging.consumer.id',
  'messaging.message.payload_size_bytes',
  'messaging.kafka.client_id',
  'messaging.kafka.consumer.group',
  'messaging.kafka.message.offset',
  'messaging.kafka.destination.partition',
  'messaging.kafka.source.partition',
  'messaging.rocketmq.client_group',
  'messaging.eventhubs.consumer.group',
])
const CURRENT: ReadonlySet<string> = new Set([
  'messaging.operation.type',
  'messaging.operation.name',
  'messaging.consumer.group.name',
  'messaging.client.id',
  'messaging.kafka.offset',
  'messaging.destination.subscription.name',
])
/** Old name of a fact -> its current name: a span that has both says it twice on purpose. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['messaging.operation', 'messaging.operation.type'],
  ['messaging.kafka.consumer.group', 'messaging.consumer.group.name'],
  ['messaging.client_id', 'messaging.client.id'],
  ['messaging.kafka.message.offset', 'messaging.kafka.offset'],
]

/** Which generation of names a messaging span uses, from the keys of its attributes. */
export function readNameGeneration(attributeKeys: readonly string[]): NameGeneration {
  const keys = new Set(attributeKeys)
  const isFirst = attributeKeys.some((key) => FIRST.has(key))
  // `messaging.operation` was in the first generation too: beside first names it does not make a second one.
  const isSecond = attributeKeys.some((key) => SECOND.has(key)) || (keys.has('messaging.operation') && !isFirst)
  const isCurrent = attributeKeys.some((key) => CURRENT.has(key))
  if (!keys.has('messaging.system') && !isCurrent) return 'own'
  if (isCurrent && (isFirst || isSecond))
    return RENAMED.some(([old, current]) => keys.has(old) && keys.has(current)) ? 'both' : 'mixed'
  if (isCurrent) return 'current'
  if (isFirst && isSecond) return 'mixed'
  if (isFirst) return 'first'
  return isSecond ? 'second' : 'shared'
}
