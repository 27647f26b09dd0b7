import { Kafka, logLevel } from 'kafkajs'
import { kafkaBrokers } from './demo-settings.ts'

/**
 * A client that waits about half a minute for a broker that is still starting. It logs nothing of its own: kafkajs calls
 * every try that it repeats an error; what it gives up on is thrown or ends the consumer, and both are reported.
 */
export function connectKafka(clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers: kafkaBrokers(),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 200, retries: 20, maxRetryTime: 2_000 },
  })
}
