import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines } from './child-process.ts'
import { ROOT } from './folders.ts'
import type { FirstOwner } from '#server/first-owner.ts'
import type { RunState } from './run-state.ts'
import { guardedCommand } from './servers/guarded-command.ts'

/** A whole installation of its own: temporary data, free ports, nothing shared with one that runs already. */
export interface Instance {
  readonly folder: string
  readonly logFile: string
  readonly state: RunState
  /** null when the data folder knew its owner already. */
  readonly owner: FirstOwner | null
  /** How the launcher ended: `code 0`. */
  readonly exited: Promise<string>
  /** Ctrl-C; resolves when the launcher is gone. The data folder stays. */
  stop(): Promise<void>
}

/** Lets every listener take any free port. */
const FREE_PORTS = {
  THROUGHLINE_PORT: '0',
  THROUGHLINE_OTLP_HTTP_PORT: '0',
  THROUGHLINE_OTLP_GRPC_PORT: '0',
  THROUGHLINE_CONTROL_PORT: '0',
  THROUGHLINE_DATABASE_PORT: '0',
  THROUGHLINE_KAFKA_PORT: '0',
  THROUGHLINE_RABBITMQ_PORT: '0',
  THROUGHLINE_RABBITMQ_MANAGEMENT_PORT: '0',
  DEMO_PORT: '0',
}

/** What this user's shell may say about another installation; a test installation must not act on it. */
const OTHERS_SETTINGS = [
  'DATABASE_URL',
  'KAFKA_BROKERS',
  'KAFKA_CONNECT_URLS',
  'SCHEMA_REGISTRY_URL',
  'THROUGHLINE_CLUSTERS',
  'THROUGHLINE_CONSUMER_TOKENS',
  'THROUGHLINE_URL',
  'THROUGHLINE_HOST',
]

/** This process's environment with free ports, without RabbitMQ unless it is asked for, and without what concerns another installation. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...FREE_PORTS, THROUGHLINE_RABBITMQ: 'off' }
  for (const name of OTHERS_SETTINGS) delete environment[name]
  return environment
}

/**
 * Runs `npm start` with `args` on `folder` and waits until everything is up.
 * @throws Error with the launcher's last lines when it does not come up
 */
export async function startInstance(options: {
  readonly folder: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}): Promise<Instance> {
  const logFile = `${options.folder}.launcher.log`
  const output = openSync(logFile, 'a')
  const main = join(ROOT, 'launcher', 'main.ts')
  const [program, args] = guardedCommand(process.execPath, [main, 'start', ...options.args], 'TERM')
  const child = spawn(program, [...args], {
    cwd: ROOT,
    env: { ...ownEnvironment(), THROUGHLINE_DATA: options.folder, ...options.environment },
    stdio: ['ignore', output, output, 'ipc'],
  })
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`))
  })
  const started = new Promise<{ state: RunState; owner: FirstOwner | null }>((resolve) => {
    child.once('message', (message: { state: RunState; owner: FirstOwner | null }) => resolve(message))
  })
  const first = await Promise.race([started, exited])
  if (typeof first === 'string') throw new Error(`npm start ended with ${first}:\n${lastLines(logFile, 60)}`)
  return {
    ...first,
    folder: options.folder,
    logFile,
    exited,
    stop: async () => {
      child.kill('SIGINT')
      await exited
    },
  }
}
