import { spawnSync } from 'node:child_process'
import { canRunJars, installJars, KAFKA_VERSION, type Runnable, SIMPLE_LOGGER } from './kafka-installation.ts'
import { cacheFolder, type JarSet } from './maven-jars.ts'

/** Kafka Connect with a connector to try it with, and Kafka Streams, which here keeps no state and needs no RocksDB. */
const JARS: JarSet = {
  name: `Kafka Connect and Kafka Streams ${KAFKA_VERSION}`,
  folder: cacheFolder(`kafka-ecosystem-${KAFKA_VERSION}`),
  jars: [
    { jar: `org.apache.kafka:connect-runtime:${KAFKA_VERSION}` },
    { jar: `org.apache.kafka:connect-file:${KAFKA_VERSION}` },
    { jar: `org.apache.kafka:connect-basic-auth-extension:${KAFKA_VERSION}` },
    { jar: `org.apache.kafka:kafka-streams:${KAFKA_VERSION}`, without: ['org.rocksdb:rocksdbjni'] },
    SIMPLE_LOGGER,
  ],
}

/** Java with the jars on its class path, fetched when they are not there yet. @throws Error that says what is missing */
export const installKafkaEcosystem = (): Promise<{ readonly java: string; readonly classPath: string }> =>
  installJars(JARS)

export const canRunKafkaEcosystem = (): Runnable => canRunJars(JARS)

/** Whether this Java can also run a program from its source file: a JDK can, a mere run-time environment cannot. */
export function canRunJavaSources(): Runnable {
  const runnable = canRunJars(JARS)
  if (!runnable.ok) return runnable
  const home = process.env['JAVA_HOME'] ?? ''
  const program = home === '' ? 'java' : `${home}/bin/java`
  const modules = spawnSync(program, ['--list-modules'], { encoding: 'utf8' }).stdout ?? ''
  if (/^jdk\.compiler@/m.test(modules)) return { ok: true }
  return {
    ok: false,
    reason: 'this Java has no compiler (it takes a JDK); on Debian: apt-get install default-jdk-headless',
  }
}
