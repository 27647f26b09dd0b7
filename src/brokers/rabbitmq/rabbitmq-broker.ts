import type { Broker } from '#brokers/broker.ts'
import type { BrokerOpening } from '#brokers/broker-opening.ts'
import { refuseAborted } from '#brokers/abortable.ts'
import { toBrokerMessage } from '#brokers/rabbitmq/amqp-message.ts'
import { openManagementApi, type ManagementApi } from '#brokers/rabbitmq/management-api.ts'
import { createQueueBook } from '#brokers/rabbitmq/queue-book.ts'
import { createQueueLooks } from '#brokers/rabbitmq/queue-looks.ts'
import type { RabbitmqConfiguration, RabbitmqSecret } from '#brokers/rabbitmq/rabbitmq-configuration.ts'
import { createRabbitmqConnection } from '#brokers/rabbitmq/rabbitmq-connection.ts'
import { rabbitmqDeadLetters } from '#brokers/rabbitmq/rabbitmq-dead-letters.ts'
import { readRabbitmqInventory } from '#brokers/rabbitmq/rabbitmq-inventory.ts'
import { rabbitmqLag } from '#brokers/rabbitmq/rabbitmq-lag.ts'
import type { RabbitmqReach } from '#brokers/rabbitmq/rabbitmq-reach.ts'
import { rabbitmqReplaySource } from '#brokers/rabbitmq/rabbitmq-replay.ts'
import { rabbitmqSend } from '#brokers/rabbitmq/rabbitmq-send.ts'
import { Failure } from '#domain/failure.ts'

/**
 * One virtual host of RabbitMQ: AMQP 0-9-1 for messages, the management API for everything about them. A consumer cannot
 * be paused from outside, and a queue has no positions to reset.
 */
export async function openRabbitmqBroker(
  opening: BrokerOpening<RabbitmqConfiguration, RabbitmqSecret>,
): Promise<Broker> {
  const { configuration, secret } = opening
  let isClosed = false
  const management = untilClosed(openManagementApi(configuration, secret), () => isClosed)
  const book = createQueueBook(management)
  const reading = createRabbitmqConnection(configuration, secret, 'reading')
  const sending = createRabbitmqConnection(configuration, secret, 'sending')
  const looks = createQueueLooks(reading, book)
  const reach: RabbitmqReach = {
    configuration,
    username: secret.username,
    management,
    book,
    reading,
    sending,
    looks,
    toMessage: (queue, sequence, content) => toBrokerMessage(queue, sequence, content, configuration.keyHeader),
  }
  return {
    clusterId: opening.clusterId,
    kind: 'rabbitmq',
    identify: async (signal) => {
      const { cluster_name: name } = await management.readOverview(signal)
      return `${name} ${configuration.vhost}`
    },
    inventory: { read: (signal) => readRabbitmqInventory(reach, signal) },
    lag: rabbitmqLag(reach),
    deadLetters: rabbitmqDeadLetters(reach),
    replaySource: rabbitmqReplaySource(reach),
    send: rabbitmqSend(reach),
    consumerControl: {
      kind: 'cooperative',
      explanation: 'RabbitMQ knows no pause: consumers are asked over the control channel.',
      holds: [],
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await looks.close()
      await Promise.all([reading.close(), sending.close()])
    },
  }
}

/** The API keeps no connection that could be closed: this refuses instead. */
function untilClosed(api: ManagementApi, isClosed: () => boolean): ManagementApi {
  const guard = async <Answer>(signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> => {
    if (isClosed()) throw new Failure('broker-unavailable', 'the adapter is closed', { retryable: false })
    refuseAborted(signal)
    return ask()
  }
  return {
    readOverview: (signal) => guard(signal, () => api.readOverview(signal)),
    listQueues: (signal) => guard(signal, () => api.listQueues(signal)),
    readQueue: (name, signal) => guard(signal, () => api.readQueue(name, signal)),
    listBindings: (signal) => guard(signal, () => api.listBindings(signal)),
    listExchanges: (signal) => guard(signal, () => api.listExchanges(signal)),
    listConsumers: (signal) => guard(signal, () => api.listConsumers(signal)),
  }
}
