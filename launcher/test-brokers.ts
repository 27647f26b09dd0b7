import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findFreePort } from './free-port.ts'
import { canRunElasticmq, startElasticmq } from './servers/elasticmq.ts'
import { canRunJavaSources } from './servers/kafka-ecosystem.ts'
import { canRunKafka } from './servers/kafka-installation.ts'
import { startKafka } from './servers/kafka.ts'
import { fetchRabbitmq } from './servers/rabbitmq-installation.ts'
import { startRabbitmq } from './servers/rabbitmq.ts'
import { canRunSchemaRegistry } from './servers/schema-registry.ts'

interface RabbitmqAccess {
  /** amqp://host:port */
  readonly address: string
  readonly managementUrl: string
  readonly username: string
  readonly password: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Host and port of the run's real Kafka, or null where none can run: skip, the reason is in `kafkaMissing`. */
    kafkaBrokers: string | null
    kafkaMissing: string | null
    /** The run's real RabbitMQ, or null where none can run: skip, the reason is in `rabbitmqMissing`. */
    rabbitmq: RabbitmqAccess | null
    rabbitmqMissing: string | null
    /** Address of the run's ElasticMQ, which speaks as SQS does, or null where none can run: skip, with `sqsMissing`. */
    sqsEndpoint: string | null
    sqsMissing: string | null
  }
}

/** Vitest global set-up: one real server of each broker for the run, in temporary folders on free ports. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([setUpKafka(project), setUpRabbitmq(project), setUpSqs(project)])
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.map(async (one) => (one.status === 'fulfilled' ? one.value() : undefined)))
  }
  const failed = started.find((one) => one.status === 'rejected')
  if (failed === undefined) return stopAll
  await stopAll()
  throw failed.reason
}

async function setUpKafka(project: TestProject): Promise<() => Promise<void>> {
  const runnable = canRunKafka()
  if (!runnable.ok) {
    console.warn(`Kafka contracts are skipped: ${runnable.reason}`)
    project.provide('kafkaBrokers', null)
    project.provide('kafkaMissing', runnable.reason)
    return async () => undefined
  }
  const sources = canRunJavaSources()
  if (!sources.ok) console.warn(`Contracts with Kafka Streams and share groups are skipped: ${sources.reason}`)
  const registry = canRunSchemaRegistry()
  if (!registry.ok) console.warn(`Contracts with a schema registry are skipped: ${registry.reason}`)
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-kafka-'))
  const kafka = await startKafka({ folder, port: await findFreePort(0) })
  project.provide('kafkaBrokers', kafka.brokers)
  project.provide('kafkaMissing', null)
  return async () => {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function setUpRabbitmq(project: TestProject): Promise<() => Promise<void>> {
  const runnable = fetchRabbitmq()
  if (!runnable.ok) {
    console.warn(`RabbitMQ contracts are skipped: ${runnable.reason}`)
    project.provide('rabbitmq', null)
    project.provide('rabbitmqMissing', runnable.reason)
    return async () => undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-rabbitmq-'))
  const port = await findFreePort(0)
  const server = await startRabbitmq({ folder, port, managementPort: await findFreePort(port + 1) })
  const { address, managementUrl, username, password } = server
  project.provide('rabbitmq', { address, managementUrl, username, password })
  project.provide('rabbitmqMissing', null)
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function setUpSqs(project: TestProject): Promise<() => Promise<void>> {
  const runnable = canRunElasticmq()
  if (!runnable.ok) {
    console.warn(`SQS contracts are skipped: ${runnable.reason}`)
    project.provide('sqsEndpoint', null)
    project.provide('sqsMissing', runnable.reason)
    return async () => undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-sqs-'))
  const server = await startElasticmq({ folder, port: await findFreePort(0) })
  project.provide('sqsEndpoint', server.endpoint)
  project.provide('sqsMissing', null)
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
