import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningProcess, startChild } from '../child-process.ts'
import { installKafkaEcosystem } from './kafka-ecosystem.ts'

export interface KafkaConnect extends RunningProcess {
  /** Its REST interface. */
  readonly url: string
  /** The value of an Authorization header that it lets in. */
  readonly authorization: string
}

export interface KafkaConnectOptions {
  /** Holds its settings and its log; made when missing. */
  readonly folder: string
  /** Host and port of the Kafka that it works on, where it makes three topics named after its group. */
  readonly brokers: string
  readonly port: number
  readonly groupId: string
  /** Who may use the REST interface. */
  readonly user: { readonly name: string; readonly password: string }
}

const REALM = 'KafkaConnect'

/**
 * Starts one Kafka Connect worker in distributed mode on 127.0.0.1, with the file connectors and a sign-in. It ends with
 * this process.
 * @throws Error when Java, Maven or the network is missing, or when it does not come up (with its last lines)
 */
export async function startKafkaConnect(options: KafkaConnectOptions): Promise<KafkaConnect> {
  const { java, classPath } = await installKafkaEcosystem()
  const { folder, user } = options
  mkdirSync(folder, { recursive: true })
  const file = (name: string): string => join(folder, name)
  writeFileSync(file('worker.properties'), workerProperties(options))
  writeFileSync(file('users.properties'), `${user.name}=${user.password}\n`)
  const loginModule = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
  writeFileSync(file('jaas.conf'), `${REALM} {\n  ${loginModule} required file="${file('users.properties')}";\n};\n`)
  const url = `http://127.0.0.1:${options.port}`
  const authorization = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
  const jvm = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const settings = [
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    `-Djava.security.auth.login.config=${file('jaas.conf')}`,
  ]
  const main = ['org.apache.kafka.connect.cli.ConnectDistributed', file('worker.properties')]
  const child = await startChild({
    command: [java, ...jvm, ...settings, '-cp', classPath, ...main],
    environment: process.env,
    logFile: file('connect.log'),
    cwd: folder,
    // Its root answers before it has joined its group; the connectors do not.
    isReady: () => isAnswering(`${url}/connectors`, authorization),
    readyWithinMs: 120_000,
  })
  return { ...child, url, authorization }
}

async function isAnswering(url: string, authorization: string): Promise<boolean> {
  try {
    const response = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    // Not listening yet; the caller polls and has a limit.
    return false
  }
}

function workerProperties({ brokers, groupId, port }: KafkaConnectOptions): string {
  const topics = ['config', 'offset', 'status'].flatMap((kind) => [
    `${kind}.storage.topic=${groupId}-${kind}`,
    `${kind}.storage.replication.factor=1`,
  ])
  const lines = [
    `bootstrap.servers=${brokers}`,
    `group.id=${groupId}`,
    `listeners=http://127.0.0.1:${port}`,
    'key.converter=org.apache.kafka.connect.storage.StringConverter',
    'value.converter=org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable=false',
    ...topics,
    'offset.storage.partitions=1',
    'status.storage.partitions=1',
    'offset.flush.interval.ms=1000',
    'scheduled.rebalance.max.delay.ms=0',
    'plugin.discovery=service_load',
    'rest.extension.classes=org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
  ]
  return `${lines.join('\n')}\n`
}
