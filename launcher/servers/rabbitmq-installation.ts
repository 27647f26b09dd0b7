import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Runnable } from './kafka-installation.ts'
import { cacheFolder } from './maven-jars.ts'

/** Where RabbitMQ's programs are, and Erlang's. */
export interface RabbitmqInstallation {
  readonly server: string
  readonly erlangFolder: string
}

const NAME = 'RabbitMQ'
const FOLDER = cacheFolder('rabbitmq-debian')
const APT_GET = '/usr/bin/apt-get'
const DPKG_DEB = '/usr/bin/dpkg-deb'
/** A network that swallows what is asked would keep apt-get, and everybody who starts, for very long. */
const STEP_LIMIT_MS = 180_000
/** What of Debian RabbitMQ needs to run; the rest of its dependencies (log rotation, init scripts) is for installing it. */
const ERLANG_PARTS = [
  'base',
  'asn1',
  'crypto',
  'eldap',
  'ftp',
  'inets',
  'mnesia',
  'os-mon',
  'parsetools',
  'public-key',
  'runtime-tools',
  'snmp',
  'ssl',
  'syntax-tools',
  'tftp',
  'tools',
  'xmerl',
]
const PACKAGES = ['rabbitmq-server', ...ERLANG_PARTS.map((part) => `erlang-${part}`)]

const installedIn = (root: string): RabbitmqInstallation => ({
  server: join(root, 'usr/lib/rabbitmq/bin/rabbitmq-server'),
  erlangFolder: join(root, 'usr/lib/erlang'),
})

/** The system's own, else the one in the cache folder; null when there is none yet. */
function findRabbitmq(): RabbitmqInstallation | null {
  const found = [installedIn('/'), installedIn(join(FOLDER, 'root'))]
  return (
    found.find(({ server, erlangFolder }) => existsSync(server) && existsSync(join(erlangFolder, 'bin/erl'))) ?? null
  )
}

/** Whether this machine can run RabbitMQ: it is installed, or its Debian packages can be fetched and unpacked. */
export function canRunRabbitmq(): Runnable {
  if (findRabbitmq() !== null || (existsSync(APT_GET) && existsSync(DPKG_DEB))) return { ok: true }
  return { ok: false, reason: `${NAME} is not installed, and this is no Debian whose packages could be unpacked` }
}

/** Whether RabbitMQ runs here, after it was fetched where it was missing. */
export function fetchRabbitmq(): Runnable {
  const runnable = canRunRabbitmq()
  if (!runnable.ok) return runnable
  try {
    installRabbitmq()
    return runnable
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * The installation of the system, or one unpacked into the cache folder from Debian's packages (35 MB), for which nobody has
 * to be root. Two runs may do so at once: each fills its own folder, and the first rename wins.
 * @throws Error with the last words of apt-get
 */
export function installRabbitmq(): RabbitmqInstallation {
  const found = findRabbitmq()
  if (found !== null) return found
  mkdirSync(FOLDER, { recursive: true })
  const temporary = mkdtempSync(join(FOLDER, 'fetch-'))
  try {
    download(temporary)
    const root = join(temporary, 'root')
    for (const file of readdirSync(temporary).filter((one) => one.endsWith('.deb'))) {
      run(DPKG_DEB, ['-x', join(temporary, file), root], temporary)
    }
    moveErlang(root)
    renameSync(root, join(FOLDER, 'root'))
  } catch (error) {
    if (findRabbitmq() === null) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return installedIn(join(FOLDER, 'root'))
}

function download(folder: string): void {
  const first = spawnSync(APT_GET, ['download', '-qq', ...PACKAGES], {
    cwd: folder,
    encoding: 'utf8',
    timeout: STEP_LIMIT_MS,
  })
  if (first.status === 0) return
  if (process.getuid?.() === 0) run(APT_GET, ['update', '-qq'], folder)
  run(APT_GET, ['download', '-qq', ...PACKAGES], folder)
}

/** Debian's `erl` names its folder by an absolute path. */
function moveErlang(root: string): void {
  const erl = join(root, 'usr/lib/erlang/bin/erl')
  const { erlangFolder } = installedIn(join(FOLDER, 'root'))
  writeFileSync(erl, readFileSync(erl, 'utf8').replaceAll('ROOTDIR=/usr/lib/erlang', `ROOTDIR=${erlangFolder}`))
}

function run(program: string, args: readonly string[], cwd: string): void {
  const result = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: STEP_LIMIT_MS })
  if (result.status === 0) return
  throw new Error(
    `${NAME} cannot be fetched (${program} ${args[0]}): ${result.error?.message ?? result.stderr.slice(-1_000)}`,
  )
}
