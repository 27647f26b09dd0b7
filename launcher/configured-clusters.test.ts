import { expect, test } from 'vitest'
import { configuredClusters } from './configured-clusters.ts'

const KAFKA = { kind: 'kafka', how: 'given', clusterId: 'kafka', brokers: ['a:9092', 'b:9092'] } as const
const clustersOf = (environment: Record<string, string>) =>
  JSON.parse(configuredClusters(KAFKA, 'postgres://here', environment)) as Record<string, unknown>[]

test('the Connect of the chosen Kafka comes from the environment, its sign-in as a secret', () => {
  const environment = { KAFKA_CONNECT_URLS: 'http://one:8083, https://two/connect', KAFKA_CONNECT_BASIC_AUTH: 'me:pw' }
  expect(clustersOf(environment)).toEqual([
    {
      id: 'kafka',
      kind: 'kafka',
      name: 'Kafka',
      environment: 'development',
      configuration: { brokers: ['a:9092', 'b:9092'], connectUrls: ['http://one:8083', 'https://two/connect'] },
      secret: { connectBasicAuth: 'me:pw' },
    },
  ])
})

test('without a Connect nothing is said about one, and other clusters stand behind the chosen one', () => {
  const [first, second] = clustersOf({ THROUGHLINE_CLUSTERS: '[{"id":"other"}]' })
  expect(first).toMatchObject({ configuration: { brokers: ['a:9092', 'b:9092'] } })
  expect(first).not.toHaveProperty('secret')
  expect(second).toEqual({ id: 'other' })
})

test('an address that is none is named before anything starts', () => {
  expect(() => clustersOf({ KAFKA_CONNECT_URLS: 'connect:8083' })).toThrow(/"connect:8083" is no address/)
})

test('the shop’s RabbitMQ stands behind the chosen broker, its sign-in as a secret', () => {
  const rabbitmq = { address: 'amqp://here:5672', managementUrl: 'http://here:15672', username: 'u', password: 'p' }
  const clusters = JSON.parse(configuredClusters(KAFKA, 'postgres://here', {}, rabbitmq)) as object[]
  expect(clusters[1]).toEqual({
    id: 'rabbitmq',
    kind: 'rabbitmq',
    name: 'RabbitMQ',
    environment: 'development',
    configuration: { addresses: ['amqp://here:5672'], managementUrl: 'http://here:15672' },
    secret: { username: 'u', password: 'p' },
  })
})

test('the schema registry of the chosen Kafka comes from the environment, its sign-in as a secret', () => {
  const environment = { SCHEMA_REGISTRY_URL: 'http://registry:8081', SCHEMA_REGISTRY_BASIC_AUTH: 'me:pw' }
  expect(clustersOf(environment)[0]).toMatchObject({
    configuration: { brokers: ['a:9092', 'b:9092'], schemaRegistry: { url: 'http://registry:8081' } },
    secret: { schemaRegistryBasicAuth: 'me:pw' },
  })
  expect(clustersOf({ SCHEMA_REGISTRY_TOKEN: 'unused' })[0]).not.toHaveProperty('secret')
  expect(() => clustersOf({ SCHEMA_REGISTRY_URL: 'registry:8081' })).toThrow(/"registry:8081" is no address/)
})
