import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type RunningProcess, startChild } from '../child-process.ts'
import { findFreePort } from '../free-port.ts'
import { installRabbitmq } from './rabbitmq-installation.ts'

export interface RabbitmqServer extends RunningProcess {
  /** amqp://host:port */
  readonly address: string
  readonly managementUrl: string
  readonly username: string
  readonly password: string
}

/** RabbitMQ's own user for a new node, whom it lets in from this machine alone. */
const GUEST = 'guest'
const READY_WITHIN_MS = 120_000
/** An orderly end takes 6 s. */
const STOP_WITHIN_MS = 10_000

/**
 * Starts a RabbitMQ of its own on 127.0.0.1, with its own port mapper, and waits until its management API answers and it
 * is the one that was started here. Both end with this process.
 * @param folder holds its data and logs; made when missing
 * @throws Error when it cannot be fetched or does not come up (with its last lines)
 */
export async function startRabbitmq(options: {
  readonly folder: string
  readonly port: number
  readonly managementPort: number
  readonly logFile?: string
}): Promise<RabbitmqServer> {
  const { folder, port, managementPort } = options
  const installation = installRabbitmq()
  mkdirSync(folder, { recursive: true })
  const logFile = options.logFile ?? join(folder, 'rabbitmq.log')
  const [mapperPort, distributionPort] = [await findFreePort(0), await findFreePort(0)]
  writeConfiguration(folder, port, managementPort)
  const environment = {
    ...environmentOf(folder, distributionPort),
    PATH: `${join(installation.erlangFolder, 'bin')}:${process.env['PATH'] ?? ''}`,
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  }
  const place = { environment, cwd: folder, logFile }
  // Erlang would start one that outlives us.
  const mapper = await startChild({
    ...place,
    command: [join(installation.erlangFolder, 'bin/epmd')],
    isReady: () => Promise.resolve(true),
    readyWithinMs: 0,
  })
  const managementUrl = `http://127.0.0.1:${managementPort}`
  try {
    const server = await startChild({
      ...place,
      command: [installation.server],
      isReady: () => isOurs(managementUrl, clusterName(folder)),
      readyWithinMs: READY_WITHIN_MS,
      stopWithinMs: STOP_WITHIN_MS,
    })
    // However the server ends, its port mapper has nothing left to do.
    void server.exited.then(() => mapper.stop())
    const stop = async (): Promise<void> => {
      await server.stop()
      await mapper.stop()
    }
    return { ...server, stop, address: `amqp://127.0.0.1:${port}`, managementUrl, username: GUEST, password: GUEST }
  } catch (error) {
    await mapper.stop()
    throw error
  }
}

/** The data belong to a node of this name, whatever its port. Each has a port mapper of its own, so names may repeat. */
const NODE_NAME = 'throughline@localhost'

/** Tells this server from a stranger on its port. */
const clusterName = (folder: string): string =>
  `throughline ${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12)}`

function writeConfiguration(folder: string, port: number, managementPort: number): void {
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${managementPort}`,
    `cluster_name = ${clusterName(folder)}`,
    // As often as it goes: whoever tries something out wants to see it.
    'collect_statistics_interval = 500',
    'log.console = true',
    'log.console.level = warning',
  ]
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  // Quorum queues have a clock of their own for their figures.
  writeFileSync(join(folder, 'advanced.config'), '[{rabbit, [{quorum_tick_interval, 500}]}].\n')
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_management].\n')
  writeFileSync(join(folder, 'rabbitmq-env.conf'), '')
}

function environmentOf(folder: string, distributionPort: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: folder,
    RABBITMQ_NODENAME: NODE_NAME,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_MNESIA_DIR: join(folder, 'data', 'node'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'rabbitmq.pid'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(folder, 'feature_flags'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  }
}

async function isOurs(managementUrl: string, name: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${GUEST}:${GUEST}`).toString('base64')}`
  try {
    const signal = AbortSignal.timeout(5_000)
    const response = await fetch(`${managementUrl}/api/overview`, { headers: { authorization }, signal })
    const overview = (await response.json()) as { readonly cluster_name?: string }
    if (response.ok && overview.cluster_name !== name) throw new Error(`another RabbitMQ answers on ${managementUrl}`)
    return response.ok
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('another')) throw error
    // Not listening yet; the caller polls and has a limit.
    return false
  }
}
