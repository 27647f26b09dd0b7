import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { findFreePort } from '../free-port.ts'
import { processCommandLine } from '../process-command-line.ts'
import { guardedCommand } from './guarded-command.ts'
import { installKafka, type KafkaInstallation, type KafkaVersion } from './kafka-installation.ts'
import { kafkaProperties, type KafkaListener } from './kafka-properties.ts'

export interface KafkaServer {
  /** Host and port of the plain listener. */
  readonly brokers: string
  readonly clusterId: string
  readonly pid: number
  /** How the process ended: `code 1`, `signal SIGKILL`. */
  readonly exited: Promise<string>
  /** Controlled shutdown; resolves when the process is gone. */
  stop(): Promise<void>
}

export interface KafkaOptions {
  /** Holds the data, server.properties and server.log; made when missing. */
  readonly folder: string
  readonly port: number
  /** The one that people get unless said otherwise. */
  readonly version?: KafkaVersion
  /** Lines of server.properties that add to or replace the defaults. */
  readonly settings?: readonly string[]
  /** Listeners beside the plain one. */
  readonly listeners?: readonly KafkaListener[]
  /** SCRAM users, made when the folder is formatted. */
  readonly scramUsers?: readonly ScramUser[]
  /** What its heap may grow to; 256 is enough for some thousand partitions. */
  readonly heapMb?: number
  /** Where its output goes; `server.log` in the folder when not given. */
  readonly logFile?: string
}

interface ScramUser {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly name: string
  readonly password: string
}

const JVM = [
  '-Xms64m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
]

const READY_WITHIN_MS = 120_000

/**
 * Starts one Apache Kafka node (broker and controller) on 127.0.0.1. A folder that holds data keeps it, also after a
 * kill -9; the server ends when this process does.
 * @throws Error when Java, Maven or the network is missing, or when the server does not come up (with its last lines)
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const installation = await installKafka(options.version)
  mkdirSync(options.folder, { recursive: true })
  await endSurvivor(options.folder)
  const logFolder = join(options.folder, 'log')
  const properties = join(options.folder, 'server.properties')
  const text = kafkaProperties({
    port: options.port,
    controllerPort: await findFreePort(0),
    logFolder,
    listeners: options.listeners ?? [],
    settings: options.settings ?? [],
  })
  writeFileSync(properties, text)
  if (!existsSync(join(logFolder, 'meta.properties'))) format(installation, properties, options.scramUsers ?? [])
  const clusterId = /^cluster\.id=(.+)$/m.exec(readFileSync(join(logFolder, 'meta.properties'), 'utf8'))?.[1] ?? ''

  const serverLog = options.logFile ?? join(options.folder, 'server.log')
  const output = openSync(serverLog, 'a')
  const sharing = classDataSharing(installation)
  // The last one of a flag is in force.
  const heap = options.heapMb === undefined ? [] : [`-Xmx${options.heapMb}m`]
  const args = [...JVM, ...heap, sharing.flag, '-cp', installation.classPath, 'kafka.Kafka', properties]
  const child = spawn(...withMutableArgs(guardedCommand(installation.java, args, 'KILL')), {
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`))
  })
  const pid = child.pid ?? 0
  writeFileSync(pidFile(options.folder), String(pid))
  const brokers = `127.0.0.1:${options.port}`
  await waitUntilReady({ brokers, clusterId, child, serverLog })
  return {
    brokers,
    clusterId,
    pid,
    exited,
    stop: async () => {
      await endChild(child)
      sharing.keep()
      rmSync(pidFile(options.folder), { force: true })
    },
  }
}

const withMutableArgs = ([program, args]: readonly [string, readonly string[]]): [string, string[]] => [
  program,
  [...args],
]

const pidFile = (folder: string): string => join(folder, 'kafka.pid')

function format(installation: KafkaInstallation, properties: string, users: readonly ScramUser[]): void {
  const clusterId = randomBytes(16).toString('base64url')
  const scram = users.flatMap((user) => [
    '--add-scram',
    `${user.mechanism}=[name=${user.name},password=${user.password}]`,
  ])
  const args = [...JVM, '-cp', installation.classPath, 'kafka.tools.StorageTool']
  const result = spawnSync(
    installation.java,
    [...args, 'format', `--cluster-id=${clusterId}`, '-c', properties, ...scram],
    {
      encoding: 'utf8',
    },
  )
  if (result.status !== 0) {
    throw new Error(`Kafka cannot format its folder: ${result.error?.message ?? `${result.stdout}${result.stderr}`}`)
  }
}

/** With an archive of its classes the server starts in half the time; a run without one writes it as it ends. */
function classDataSharing(installation: KafkaInstallation): { flag: string; keep(): void } {
  if (existsSync(installation.archive)) {
    return { flag: `-XX:SharedArchiveFile=${installation.archive}`, keep: () => undefined }
  }
  const own = `${installation.archive}.${randomBytes(4).toString('hex')}`
  return {
    flag: `-XX:ArchiveClassesAtExit=${own}`,
    keep: () => {
      if (existsSync(own)) renameSync(own, installation.archive)
    },
  }
}

/** Ready = our child lives and the listener answers with our cluster id (a stranger on the port has another one). */
async function waitUntilReady(server: {
  brokers: string
  clusterId: string
  child: ChildProcess
  serverLog: string
}): Promise<void> {
  const admin = new Admin({
    clientId: 'throughline-launcher',
    bootstrapBrokers: [server.brokers],
    retries: 1,
    retryDelay: 100,
    connectTimeout: 2_000,
    timeout: 2_000,
  })
  const log = (): string => readFileSync(server.serverLog, 'utf8').slice(-1_500)
  try {
    const deadlineMs = Date.now() + READY_WITHIN_MS
    let last: unknown = null
    while (Date.now() < deadlineMs) {
      if (server.child.exitCode !== null || server.child.signalCode !== null) {
        throw new Error(`Kafka ended with ${server.child.exitCode ?? server.child.signalCode}: ${log()}`)
      }
      try {
        const metadata = await admin.metadata({ topics: [], forceUpdate: true })
        if (metadata.id !== server.clusterId) throw new Error(`another Kafka answers on ${server.brokers}`)
        if (metadata.brokers.size > 0) return
      } catch (error) {
        last = error
      }
      await delay(100)
    }
    await endChild(server.child)
    throw new Error(`Kafka does not answer within ${READY_WITHIN_MS / 1_000} s (${String(last)}): ${log()}`)
  } finally {
    await admin.close()
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const patience = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await gone
  clearTimeout(patience)
}

/** Where the system cannot end a child with its parent, the server of a killed run may still hold the folder. */
async function endSurvivor(folder: string): Promise<void> {
  const pid = existsSync(pidFile(folder)) ? Number(readFileSync(pidFile(folder), 'utf8')) : 0
  if (!(pid > 0) || !isOurs(pid, folder)) return
  process.kill(pid, 'SIGKILL')
  while (isOurs(pid, folder)) await delay(50)
}

const isOurs = (pid: number, folder: string): boolean => processCommandLine(pid)?.includes(folder) === true
