import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import { startChild, type RunningProcess } from '../child-process.ts'
import { KAFKA_VERSION, type Runnable } from './kafka-installation.ts'
import { kafkaProperties } from './kafka-properties.ts'

export interface DockerKafkaOptions {
  /** The data folder of the installation; names the container and its volume. */
  readonly dataFolder: string
  readonly port: number
  readonly logFile: string
}

/** Whether a Docker engine answers. */
export function canRunDocker(): Runnable {
  const info = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { encoding: 'utf8', timeout: 10_000 })
  if (info.error !== undefined) return { ok: false, reason: 'Docker is not installed' }
  if (info.status === 0 && info.stdout.trim() !== '') return { ok: true }
  return { ok: false, reason: 'a Docker client is there, but no engine answers' }
}

/** Removes the broker's container and its data. */
export function removeDockerKafka(dataFolder: string): void {
  const name = containerName(dataFolder)
  spawnSync('docker', ['rm', '--force', name], { stdio: 'ignore' })
  spawnSync('docker', ['volume', 'rm', '--force', name], { stdio: 'ignore' })
}

/** Starts one Kafka node in a container that ends with this process; its data stays in a named volume. */
export async function startDockerKafka(options: DockerKafkaOptions): Promise<RunningProcess> {
  const name = containerName(options.dataFolder)
  // The client of a killed launcher dies with it, the container does not.
  spawnSync('docker', ['rm', '--force', name], { stdio: 'ignore' })
  const brokers = `127.0.0.1:${options.port}`
  const child = await startChild({
    command: ['docker', 'run', '--rm', '--init', '--name', name, ...containerOptions(name, options.port)],
    environment: { ...process.env, DOCKER_CLI_HINTS: 'false' },
    logFile: options.logFile,
    cwd: options.dataFolder,
    isReady: () => hasBroker(brokers),
    readyWithinMs: 300_000,
  })
  return {
    ...child,
    stop: async () => {
      spawnSync('docker', ['stop', '--time', '15', name], { stdio: 'ignore' })
      await child.stop()
    },
  }
}

const containerName = (dataFolder: string): string =>
  `throughline-kafka-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)}`

/** Inside the container Kafka listens on every interface; the port is published on 127.0.0.1 alone. */
function containerOptions(name: string, port: number): string[] {
  const folder = '/var/lib/kafka/data'
  const lines = kafkaProperties({ port, controllerPort: 9_094, logFolder: folder, listeners: [], settings: [] })
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('listeners=') ? line.replaceAll('127.0.0.1', '0.0.0.0') : line))
  const variables = lines.flatMap((line) => ['--env', environmentName(line)])
  return ['--publish', `127.0.0.1:${port}:${port}`, '--volume', `${name}:${folder}`, ...variables, imageName()]
}

const imageName = (): string => `apache/kafka:${KAFKA_VERSION}`

/** `log.dirs=x` is KAFKA_LOG_DIRS=x to the image. */
function environmentName(line: string): string {
  const split = line.indexOf('=')
  const name = line.slice(0, split).replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_')
  return `KAFKA_${name.toUpperCase()}=${line.slice(split + 1)}`
}

async function hasBroker(brokers: string): Promise<boolean> {
  const admin = new Admin({
    clientId: 'throughline-launcher',
    bootstrapBrokers: [brokers],
    retries: 1,
    retryDelay: 100,
  })
  try {
    return (await admin.metadata({ topics: [], forceUpdate: true })).brokers.size > 0
  } catch {
    return false
  } finally {
    await admin.close()
  }
}
