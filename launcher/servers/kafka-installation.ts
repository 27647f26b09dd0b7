import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { cacheFolder, classPathOf, fetchJars, hasJars, type JarSet } from './maven-jars.ts'

/** What is started for people: of 4.4.0 Maven Central lacks a part. */
export const KAFKA_VERSION = '4.3.1'
export type KafkaVersion = '4.3.1' | '4.4.0'

/** Kafka 4 needs this Java or a newer one. */
const JAVA_MAJOR = 17

/** For jars that log through slf4j 1, as Kafka's do. */
export const SIMPLE_LOGGER = { jar: 'org.slf4j:slf4j-simple:1.7.36' }

const JARS: Readonly<Record<KafkaVersion, JarSet>> = {
  '4.3.1': {
    name: 'Apache Kafka 4.3.1',
    folder: cacheFolder('kafka-4.3.1'),
    jars: [{ jar: 'org.apache.kafka:kafka_2.13:4.3.1' }, SIMPLE_LOGGER],
  },
  '4.4.0': {
    name: 'Apache Kafka 4.4.0',
    folder: cacheFolder('kafka-4.4.0'),
    jars: [
      { jar: 'org.apache.kafka:kafka_2.13:4.4.0', without: ['org.apache.kafka:kafka-tools-api'] },
      // The part that is missing in 4.4.0: interfaces of a tool that prints log segments, the same as before.
      { jar: 'org.apache.kafka:kafka-tools-api:4.3.1' },
      SIMPLE_LOGGER,
    ],
  },
}

export interface KafkaInstallation {
  readonly java: string
  /** What goes after `-cp`. */
  readonly classPath: string
  /** The class data sharing archive; the first server that ends in order makes it. */
  readonly archive: string
}

export type Runnable = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** Whether this machine can run Apache Kafka without Docker: Java, and the jars or Maven to fetch them. */
export function canRunKafka(): Runnable {
  return canRunJars(JARS[KAFKA_VERSION])
}

/** The same for any set of jars. */
export function canRunJars(set: JarSet): Runnable {
  const java = findJava()
  if (!java.ok) return java
  if (hasJars(set) || spawnSync('mvn', ['--version']).status === 0) return { ok: true }
  return { ok: false, reason: `Maven is not installed (it fetches ${set.name}); on Debian: apt-get install maven` }
}

/**
 * Java and the jars of Apache Kafka, fetched from Maven Central into `.cache/` when they are not there yet.
 * @throws Error that names what is missing or what Maven said
 */
export async function installKafka(version: KafkaVersion = KAFKA_VERSION): Promise<KafkaInstallation> {
  const set = JARS[version]
  const { java, classPath } = await installJars(set)
  return { java, classPath, archive: join(set.folder, 'kafka.jsa') }
}

/** Java and any set of jars. @throws Error that names what is missing or what Maven said */
export async function installJars(set: JarSet): Promise<{ readonly java: string; readonly classPath: string }> {
  const java = findJava()
  if (!java.ok) throw new Error(java.reason)
  await fetchJars(set)
  return { java: java.program, classPath: classPathOf(set) }
}

/** The `java` of JAVA_HOME or of the path, where it is new enough. */
export function findJava(): { ok: true; program: string } | { ok: false; reason: string } {
  const home = process.env['JAVA_HOME']
  const program = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java')
  const answer = spawnSync(program, ['-version'], { encoding: 'utf8' })
  if (answer.status !== 0) {
    return {
      ok: false,
      reason: `Java is not installed (Kafka needs ${JAVA_MAJOR} or newer); on Debian: apt-get install default-jre-headless`,
    }
  }
  const major = Number(/version "(\d+)/.exec(answer.stderr)?.[1] ?? 0)
  if (major >= JAVA_MAJOR) return { ok: true, program }
  return { ok: false, reason: `Java ${major} is too old: Kafka needs ${JAVA_MAJOR} or newer` }
}
