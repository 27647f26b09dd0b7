import { ListQueuesCommand } from '@aws-sdk/client-sqs'
import type { Broker } from '#brokers/broker.ts'
import type { BrokerOpening } from '#brokers/broker-opening.ts'
import { createQueueDirectory } from '#brokers/sqs/queue-directory.ts'
import { createQueueLooks } from '#brokers/sqs/queue-looks.ts'
import { createSqsClient } from '#brokers/sqs/sqs-client.ts'
import type { SqsConfiguration, SqsSecret } from '#brokers/sqs/sqs-configuration.ts'
import { sqsDeadLetters } from '#brokers/sqs/sqs-dead-letters.ts'
import { readSqsInventory } from '#brokers/sqs/sqs-inventory.ts'
import { sqsLag } from '#brokers/sqs/sqs-lag.ts'
import type { SqsReach } from '#brokers/sqs/sqs-reach.ts'
import { sqsReplaySource } from '#brokers/sqs/sqs-replay.ts'
import { sqsSend } from '#brokers/sqs/sqs-send.ts'

/** The queues of one AWS account in one region. A worker cannot be paused from outside, and a queue has no positions. */
export async function openSqsBroker(opening: BrokerOpening<SqsConfiguration, SqsSecret>): Promise<Broker> {
  const { configuration, secret } = opening
  const client = createSqsClient(configuration, secret)
  const directory = createQueueDirectory(client, configuration)
  const looks = createQueueLooks(client, directory)
  const reach: SqsReach = { configuration, client, directory, looks }
  let isClosed = false
  return {
    clusterId: opening.clusterId,
    kind: 'sqs',
    identify: async (signal) => {
      const ask = new ListQueuesCommand({ MaxResults: 1 })
      await client.ask((sqs, options) => sqs.send(ask, options), signal)
      return `${configuration.region} ${configuration.endpoint ?? 'AWS'}`
    },
    inventory: { read: (signal) => readSqsInventory(reach, signal) },
    lag: sqsLag(reach),
    deadLetters: sqsDeadLetters(reach),
    replaySource: sqsReplaySource(reach),
    send: sqsSend(reach),
    consumerControl: {
      kind: 'cooperative',
      explanation: 'SQS knows no pause: workers are asked over the control channel.',
      holds: [],
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await looks.close()
      client.close()
    },
  }
}
