import type { AmqpContent } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import type { ManagementApi } from '#brokers/rabbitmq/management-api.ts'
import type { QueueBook } from '#brokers/rabbitmq/queue-book.ts'
import type { QueueLooks } from '#brokers/rabbitmq/queue-looks.ts'
import type { RabbitmqConfiguration } from '#brokers/rabbitmq/rabbitmq-configuration.ts'
import type { RabbitmqConnection } from '#brokers/rabbitmq/rabbitmq-connection.ts'
import type { BrokerMessage } from '#domain/message.ts'

/** The ways to one virtual host that the facets share. */
export interface RabbitmqReach {
  readonly configuration: RabbitmqConfiguration
  readonly username: string
  readonly management: ManagementApi
  readonly book: QueueBook
  /** Beside the one that sends, as RabbitMQ stops reading from a connection that sends while memory or disk is short. */
  readonly reading: RabbitmqConnection
  readonly sending: RabbitmqConnection
  readonly looks: QueueLooks
  readonly toMessage: (queue: string, sequence: string, content: AmqpContent) => BrokerMessage
}
