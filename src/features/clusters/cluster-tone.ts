import type { Tone } from '#ui/tone.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'

export type ClusterRow = RouterOutputs['cluster']['list']['clusters'][number]

const TONES: Readonly<Record<ClusterRow['status'], Tone>> = {
  connected: 'ok',
  degraded: 'warn',
  unreachable: 'bad',
  unknown: 'unknown',
}
const WORDS: Readonly<Record<ClusterRow['status'], string>> = {
  connected: 'Connected',
  degraded: 'Degraded',
  unreachable: 'Unreachable',
  unknown: 'Not polled yet',
}

export const clusterTone = (status: ClusterRow['status']): Tone => TONES[status]
export const clusterWord = (status: ClusterRow['status']): string => WORDS[status]

const BROKER_NAMES: Readonly<Record<ClusterRow['kind'], string>> = {
  kafka: 'Kafka',
  pgqueue: 'Postgres queues',
  rabbitmq: 'RabbitMQ',
  sqs: 'SQS',
}
/** Names of brokers as people say them. */
export const brokerName = (kind: ClusterRow['kind']): string => BROKER_NAMES[kind]
