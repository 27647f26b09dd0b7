import type { z } from 'zod'
import type { Broker } from '#brokers/broker.ts'
import type { BrokerLog, BrokerOpening } from '#brokers/broker-opening.ts'
import { kafkaConfigurationSchema, kafkaSecretSchema } from '#brokers/kafka/kafka-configuration.ts'
import { pgqueueConfigurationSchema, pgqueueSecretSchema } from '#brokers/pgqueue/pgqueue-configuration.ts'
import { rabbitmqConfigurationSchema, rabbitmqSecretSchema } from '#brokers/rabbitmq/rabbitmq-configuration.ts'
import { sqsConfigurationSchema, sqsSecretSchema } from '#brokers/sqs/sqs-configuration.ts'
import { Failure } from '#domain/failure.ts'

type Opener = (opening: BrokerOpening) => Promise<Broker>

/** Every broker that can be registered. Schemas are here for whoever checks a registration; adapters load on first use. */
const ADAPTERS: Readonly<Record<string, Opener>> = {
  kafka: async (opening) => {
    const parsed = parseOpening(opening, kafkaConfigurationSchema, kafkaSecretSchema)
    const { openKafkaBroker } = await import('#brokers/kafka/index.ts')
    return openKafkaBroker(parsed)
  },
  pgqueue: async (opening) => {
    const parsed = parseOpening(opening, pgqueueConfigurationSchema, pgqueueSecretSchema)
    const { openPgqueueBroker } = await import('#brokers/pgqueue/index.ts')
    return openPgqueueBroker(parsed)
  },
  rabbitmq: async (opening) => {
    const parsed = parseOpening(opening, rabbitmqConfigurationSchema, rabbitmqSecretSchema)
    const { openRabbitmqBroker } = await import('#brokers/rabbitmq/index.ts')
    return openRabbitmqBroker(parsed)
  },
  sqs: async (opening) => {
    const parsed = parseOpening(opening, sqsConfigurationSchema, sqsSecretSchema)
    const { openSqsBroker } = await import('#brokers/sqs/index.ts')
    return openSqsBroker(parsed)
  },
}

/**
 * Opens the adapter for a registered cluster. Nothing is connected yet: a cluster that is down can be opened, and the
 * first call says so.
 * @throws Failure `unsupported` for an unknown kind; `invalid` that names the wrong fields, never their values
 */
export async function openBroker(options: {
  readonly clusterId: string
  readonly kind: string
  readonly configuration: unknown
  readonly secret: unknown
  readonly log?: BrokerLog | undefined
}): Promise<Broker> {
  const open = ADAPTERS[options.kind]
  if (open === undefined) throw new Failure('unsupported', `there is no adapter for brokers of kind ${options.kind}`)
  return open(options)
}

/** @throws Failure `invalid` */
function parseOpening<Configuration extends z.ZodType, Secret extends z.ZodType>(
  opening: BrokerOpening,
  configurationSchema: Configuration,
  secretSchema: Secret,
): BrokerOpening<z.output<Configuration>, z.output<Secret>> {
  const configuration = configurationSchema.safeParse(opening.configuration)
  const secret = secretSchema.safeParse(opening.secret)
  const problems = [
    ...(configuration.error?.issues ?? []).map(
      (issue) => `${issue.path.join('.') || 'configuration'}: ${issue.message}`,
    ),
    ...(secret.error?.issues ?? []).map((issue) => `secret ${issue.path.join('.')}: ${issue.message}`),
  ]
  if (!configuration.success || !secret.success) {
    throw new Failure('invalid', `the registration of ${opening.clusterId} is wrong: ${problems.join('; ')}`)
  }
  return { ...opening, configuration: configuration.data, secret: secret.data }
}
