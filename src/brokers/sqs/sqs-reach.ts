import type { QueueDirectory } from '#brokers/sqs/queue-directory.ts'
import type { QueueLooks } from '#brokers/sqs/queue-looks.ts'
import type { SqsClient } from '#brokers/sqs/sqs-client.ts'
import type { SqsConfiguration } from '#brokers/sqs/sqs-configuration.ts'

/** The ways to one account and region that the facets share. */
export interface SqsReach {
  readonly configuration: SqsConfiguration
  readonly client: SqsClient
  readonly directory: QueueDirectory
  readonly looks: QueueLooks
}
