import type { BrokerState, RabbitmqState } from './run-state.ts'
import { Trouble } from './trouble.ts'

/**
 * The collector's THROUGHLINE_CLUSTERS: the chosen broker with what the environment says about its Kafka Connect and
 * schema registry, the shop's RabbitMQ, and what the person configured beside it.
 * @throws Trouble when THROUGHLINE_CLUSTERS, KAFKA_CONNECT_URLS or SCHEMA_REGISTRY_URL cannot be understood
 */
export function configuredClusters(
  state: BrokerState,
  databaseUrl: string,
  environment: Readonly<Record<string, string | undefined>>,
  rabbitmq: RabbitmqState | null = null,
): string {
  const chosen =
    state.kind === 'kafka'
      ? { kind: 'kafka', name: 'Kafka', ...describeKafka(state.brokers, environment) }
      : {
          kind: 'pgqueue',
          name: 'Postgres queues',
          configuration: { schema: state.schema },
          secret: { url: databaseUrl },
        }
  const others: unknown = JSON.parse(environment['THROUGHLINE_CLUSTERS'] ?? '[]')
  if (!Array.isArray(others)) throw new Trouble('THROUGHLINE_CLUSTERS is not a JSON array', 'see .env.example')
  const settlements = rabbitmq === null ? [] : [{ environment: 'development', ...describeRabbitmq(rabbitmq) }]
  return JSON.stringify([{ id: state.clusterId, environment: 'development', ...chosen }, ...settlements, ...others])
}

const describeRabbitmq = ({ address, managementUrl, username, password }: RabbitmqState): object => ({
  id: 'rabbitmq',
  kind: 'rabbitmq',
  name: 'RabbitMQ',
  configuration: { addresses: [address], managementUrl },
  secret: { username, password },
})

function describeKafka(
  brokers: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { configuration: object; secret?: object } {
  const read = (name: string): string => environment[name]?.trim() ?? ''
  const connectUrls = read('KAFKA_CONNECT_URLS')
    .split(',')
    .flatMap((url) => url.trim() || [])
  for (const url of connectUrls) requireAddress('KAFKA_CONNECT_URLS', url, 'http://connect:8083')
  const registry = read('SCHEMA_REGISTRY_URL')
  if (registry !== '') requireAddress('SCHEMA_REGISTRY_URL', registry, 'http://registry:8081')
  const secret = {
    ...givenAs('connectBasicAuth', connectUrls.length === 0 ? '' : read('KAFKA_CONNECT_BASIC_AUTH')),
    ...givenAs('schemaRegistryBasicAuth', registry === '' ? '' : read('SCHEMA_REGISTRY_BASIC_AUTH')),
    ...givenAs('schemaRegistryToken', registry === '' ? '' : read('SCHEMA_REGISTRY_TOKEN')),
  }
  return {
    configuration: {
      brokers,
      ...(connectUrls.length > 0 && { connectUrls }),
      ...(registry !== '' && { schemaRegistry: { url: registry } }),
    },
    ...(Object.keys(secret).length > 0 && { secret }),
  }
}

const givenAs = (name: string, value: string): object => (value === '' ? {} : { [name]: value })

function requireAddress(variable: string, url: string, example: string): void {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return
  throw new Trouble(`${variable}: "${url}" is no address`, `give URLs, as in ${example}`)
}
