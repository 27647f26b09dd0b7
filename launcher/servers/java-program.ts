import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningProcess, startChild } from '../child-process.ts'
import { installKafkaEcosystem } from './kafka-ecosystem.ts'

/**
 * Runs a Java program from its source file, with Kafka's clients, Connect and Streams on the class path. It ends with this
 * process; what it does is for the caller to watch.
 * @param source path of the file, which holds one class
 * @param folder holds its log; made when missing
 */
export async function runJavaSource(source: string, args: readonly string[], folder: string): Promise<RunningProcess> {
  const { java, classPath } = await installKafkaEcosystem()
  mkdirSync(folder, { recursive: true })
  const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return startChild({
    command: [java, ...jvm, logging, '-cp', classPath, source, ...args],
    environment: process.env,
    logFile: join(folder, 'program.log'),
    cwd: folder,
    isReady: () => Promise.resolve(true),
    readyWithinMs: 0,
  })
}
