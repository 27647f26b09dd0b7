import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningProcess, startChild } from '../child-process.ts'
import { findJava, type Runnable } from './kafka-installation.ts'
import { cacheFolder, runMaven } from './maven-jars.ts'

const VERSION = '3.0.9'
const NAME = `Apicurio Registry ${VERSION}`
const FOLDER = cacheFolder(`apicurio-${VERSION}`)
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`
const RUNNER = `apicurio-registry-app-${VERSION}-runner.jar`

export interface SchemaRegistryServer extends RunningProcess {
  /** Of its Confluent-compatible interface. */
  readonly url: string
}

const hasProgram = (): boolean => existsSync(join(FOLDER, 'app', RUNNER))

/** Whether this machine can run a Confluent-compatible schema registry: Java, and the program or Maven to fetch it. */
export function canRunSchemaRegistry(): Runnable {
  const java = findJava()
  if (!java.ok) return java
  if (hasProgram() || spawnSync('mvn', ['--version']).status === 0) return { ok: true }
  return { ok: false, reason: `Maven is not installed (it fetches ${NAME}); on Debian: apt-get install maven` }
}

/**
 * Starts Apicurio Registry on 127.0.0.1; it keeps everything in memory and ends with this process. The first time it is
 * fetched from Maven Central, 109 MB.
 * @param folder holds its log; made when missing
 * @throws Error when Java, Maven or the network is missing, or when it does not come up (with its last lines)
 */
export async function startSchemaRegistry(options: {
  readonly folder: string
  readonly port: number
}): Promise<SchemaRegistryServer> {
  const java = findJava()
  if (!java.ok) throw new Error(java.reason)
  await fetchProgram()
  mkdirSync(options.folder, { recursive: true })
  const jvm = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const url = `http://127.0.0.1:${options.port}/apis/ccompat/v7`
  const child = await startChild({
    command: [java.program, ...jvm, '-jar', join(FOLDER, 'app', RUNNER)],
    environment: { ...process.env, QUARKUS_HTTP_PORT: String(options.port), QUARKUS_HTTP_HOST: '127.0.0.1' },
    logFile: join(options.folder, 'schema-registry.log'),
    cwd: options.folder,
    isReady: () => isAnswering(`${url}/subjects`),
    readyWithinMs: 120_000,
  })
  return { ...child, url }
}

/** Two runs may do so at once: each fills its own folder, and the first rename wins. */
async function fetchProgram(): Promise<void> {
  if (hasProgram()) return
  mkdirSync(FOLDER, { recursive: true })
  const temporary = mkdtempSync(join(FOLDER, 'fetch-'))
  const app = join(temporary, 'app')
  try {
    mkdirSync(app)
    await runMaven(NAME, temporary, ['dependency:copy', `-Dartifact=${ARTIFACT}`, '-DoutputDirectory=.'])
    const archive = join(temporary, `apicurio-registry-app-${VERSION}-all.tar.gz`)
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', app], { encoding: 'utf8' })
    if (unpacked.status !== 0) throw new Error(`${NAME} cannot be unpacked: ${unpacked.stderr}`)
    renameSync(app, join(FOLDER, 'app'))
  } catch (error) {
    if (!hasProgram()) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    // Not listening yet; the caller polls and has a limit.
    return false
  }
}
