import type { Broker } from '#brokers/broker.ts'
import type { BrokerOpening } from '#brokers/broker-opening.ts'
import { createTopicDirectory, readClusterView } from '#brokers/kafka/cluster-view.ts'
import { createConnectWatch } from '#brokers/kafka/connect-watch.ts'
import { createConnectors } from '#brokers/kafka/kafka-connectors.ts'
import { kafkaConsumerControl } from '#brokers/kafka/kafka-consumer-control.ts'
import { createKafkaClient } from '#brokers/kafka/kafka-client.ts'
import type { KafkaConfiguration, KafkaSecret } from '#brokers/kafka/kafka-configuration.ts'
import { createKafkaDeadLetters } from '#brokers/kafka/kafka-dead-letters.ts'
import { readKafkaInventory } from '#brokers/kafka/kafka-inventory.ts'
import { readGroupOffsets, readKafkaLag } from '#brokers/kafka/kafka-lag.ts'
import { createOffsetReset } from '#brokers/kafka/offset-reset.ts'
import { createReplaySource } from '#brokers/kafka/kafka-replay.ts'
import { createKafkaSend } from '#brokers/kafka/kafka-send.ts'
import { createNewestPeek } from '#brokers/kafka/peek-newest.ts'
import { openSchemaRegistry } from '#brokers/schema-registry/open-schema-registry.ts'

/**
 * Apache Kafka and what speaks its protocol. Nothing is connected before the first call. Looking and sending have
 * connections of their own, so that a long fetch does not hold up a confirmation.
 * @throws Failure `invalid` when the secret lacks what the sign-in needs
 */
export async function openKafkaBroker(opening: BrokerOpening<KafkaConfiguration, KafkaSecret>): Promise<Broker> {
  const { clusterId, configuration, secret, log } = opening
  const looking = createKafkaClient(configuration, secret)
  const reading = createKafkaClient(configuration, secret)
  const sending = createKafkaClient(configuration, secret)
  const topics = createTopicDirectory(reading)
  const peek = createNewestPeek(reading)
  const schemas =
    configuration.schemaRegistry === undefined ? null : openSchemaRegistry(configuration.schemaRegistry, secret)
  const connect = createConnectWatch(configuration.connectUrls, secret.connectBasicAuth)
  const connectors =
    configuration.connectUrls.length === 0 ? null : createConnectors(configuration.connectUrls, secret.connectBasicAuth)
  return {
    clusterId,
    kind: 'kafka',
    identify: async (signal) => (await readClusterView(looking, [], signal)).clusterId,
    inventory: { read: (signal) => readKafkaInventory(looking, signal) },
    lag: { progress: 'commits', ageSource: 'history', read: (signal) => readKafkaLag(looking, signal) },
    send: createKafkaSend(sending, createTopicDirectory(sending)),
    deadLetters: createKafkaDeadLetters({ client: reading, configuration, connect, peek, log }, topics),
    replaySource: createReplaySource(reading, topics),
    offsets: {
      read: (group, destination, signal) => readGroupOffsets(looking, group, destination, signal),
      reset: createOffsetReset(looking),
    },
    ...(schemas !== null && { schemas }),
    ...(connectors !== null && { connectors }),
    consumerControl: kafkaConsumerControl(looking, connectors),
    close: async () => {
      schemas?.close()
      await Promise.all([looking.close(), reading.close(), sending.close()])
    },
  }
}
