import type { BrokerState } from './run-state.ts'
import { Trouble } from './trouble.ts'

/**
 * The collector's THROUGHLINE_CLUSTERS: the chosen broker with what the environment says about its Kafka Connect, and what
 * the person configured beside it.
 * @throws Trouble when THROUGHLINE_CLUSTERS or KAFKA_CONNECT_URLS cannot be understood
 */
export function configuredClusters(
  state: BrokerState,
  databaseUrl: string,
  environment: Readonly<Record<string, string | undefined>>,
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
  return JSON.stringify([{ id: state.clusterId, environment: 'development', ...chosen }, ...others])
}

function describeKafka(
  brokers: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { configuration: object; secret?: object } {
  const connectUrls = (environment['KAFKA_CONNECT_URLS'] ?? '').split(',').flatMap((url) => url.trim() || [])
  const wrong = connectUrls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url))
  if (wrong !== undefined) {
    throw new Trouble(`KAFKA_CONNECT_URLS: "${wrong}" is no address`, 'give URLs, as in http://connect:8083')
  }
  if (connectUrls.length === 0) return { configuration: { brokers } }
  const basicAuth = environment['KAFKA_CONNECT_BASIC_AUTH'] ?? ''
  return {
    configuration: { brokers, connectUrls },
    ...(basicAuth !== '' && { secret: { connectBasicAuth: basicAuth } }),
  }
}
