import { headerText, type Header } from '#domain/message.ts'

interface Dialect {
  readonly framework: string
  /** The header that names the origin, and says by being there that the record is a dead letter. */
  readonly origin: string
  readonly group?: string
}

/** Which header each framework writes on its dead letters. Decoding them fully is the domain's work. */
const DIALECTS: readonly Dialect[] = [
  { framework: 'Spring Kafka', origin: 'kafka_dlt-original-topic', group: 'kafka_dlt-original-consumer-group' },
  { framework: 'Spring Kafka', origin: 'kafka_original-topic', group: 'kafka_original-consumer-group' },
  { framework: 'Spring Cloud Stream', origin: 'x-original-topic' },
  // Names its connector; which group that reads as is for the connector's configuration to say.
  { framework: 'Kafka Connect', origin: '__connect.errors.topic' },
  { framework: 'Kafka Streams', origin: '__streams.errors.topic' },
  { framework: 'Kafka share groups', origin: '__dlq.errors.topic', group: '__dlq.errors.group' },
  { framework: 'SmallRye', origin: 'dead-letter-topic' },
  { framework: 'Watermill', origin: 'topic_poisoned' },
  { framework: 'MassTransit', origin: 'MT-Fault-InputAddress' },
  { framework: 'NServiceBus', origin: 'NServiceBus.FailedQ' },
]

export interface DeadLetterSign {
  readonly framework: string
  readonly header: string
  readonly origin: string
  readonly group: string | null
}

/** The first dialect whose header is there; null for a record that is no dead letter by its headers. */
export function readDeadLetterSign(headers: readonly Header[]): DeadLetterSign | null {
  for (const { framework, origin: header, group } of DIALECTS) {
    const origin = headerText(headers, header)
    if (origin !== null && origin !== '') {
      return { framework, header, origin, group: group === undefined ? null : headerText(headers, group) }
    }
  }
  return null
}
