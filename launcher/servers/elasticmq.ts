import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningProcess, startChild } from '../child-process.ts'
import { canRunJars, installJars, type Runnable } from './kafka-installation.ts'
import { cacheFolder, type JarSet } from './maven-jars.ts'

const JARS: JarSet = {
  name: 'ElasticMQ 1.7.1',
  folder: cacheFolder('elasticmq-1.7.1'),
  jars: [{ jar: 'org.elasticmq:elasticmq-server_2.13:1.7.1' }],
}
/** A small heap, as it keeps everything in memory and is used for little. */
const JVM = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const READY_WITHIN_MS = 120_000

export interface ElasticmqServer extends RunningProcess {
  /** http://host:port */
  readonly endpoint: string
}

/** Whether this machine can run ElasticMQ, which speaks as SQS does: Java, and the jars or Maven to fetch them. */
export const canRunElasticmq = (): Runnable => canRunJars(JARS)

/**
 * Starts an ElasticMQ of its own on 127.0.0.1, which keeps everything in memory, and waits until it answers. It ends with
 * this process. The first time it is fetched from Maven Central, 37 MB.
 * @param folder holds its log; made when missing
 * @throws Error when Java, Maven or the network is missing, or when it does not come up (with its last lines)
 */
export async function startElasticmq(options: {
  readonly folder: string
  readonly port: number
}): Promise<ElasticmqServer> {
  const { folder, port } = options
  const { java, classPath } = await installJars(JARS)
  mkdirSync(folder, { recursive: true })
  const settings = join(folder, 'elasticmq.conf')
  writeFileSync(settings, printSettings(port))
  const endpoint = `http://127.0.0.1:${port}`
  const child = await startChild({
    command: [java, ...JVM, `-Dconfig.file=${settings}`, '-cp', classPath, 'org.elasticmq.server.Main'],
    environment: process.env,
    logFile: join(folder, 'elasticmq.log'),
    cwd: folder,
    isReady: () => isAnswering(endpoint),
    readyWithinMs: READY_WITHIN_MS,
  })
  return { ...child, endpoint }
}

const printSettings = (port: number): string => `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
queues {}
`

async function isAnswering(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/?Action=ListQueues`, { signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    // Not listening yet; the caller polls and has a limit.
    return false
  }
}
