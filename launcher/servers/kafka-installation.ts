import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** 4.4.0 is incomplete on Maven Central. */
export const KAFKA_VERSION = '4.3.1'

/** Kafka 4 needs this Java or a newer one. */
const JAVA_MAJOR = 17

const FOLDER = join(import.meta.dirname, '..', '..', '.cache', `kafka-${KAFKA_VERSION}`)

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
  const java = findJava()
  if (!java.ok) return java
  if (hasJars() || spawnSync('mvn', ['--version']).status === 0) return { ok: true }
  return { ok: false, reason: 'Maven is not installed (it fetches Apache Kafka); on Debian: apt-get install maven' }
}

/**
 * Java and the jars of Apache Kafka, fetched from Maven Central into `.cache/` when they are not there yet.
 * @throws Error that names what is missing or what Maven said
 */
export async function installKafka(): Promise<KafkaInstallation> {
  const java = findJava()
  if (!java.ok) throw new Error(java.reason)
  if (!hasJars()) await fetchJars()
  return { java: java.program, classPath: join(FOLDER, 'lib', '*'), archive: join(FOLDER, 'kafka.jsa') }
}

function findJava(): { ok: true; program: string } | { ok: false; reason: string } {
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

const hasJars = (): boolean => existsSync(join(FOLDER, 'lib')) && readdirSync(join(FOLDER, 'lib')).length > 0

const POM = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>throughline</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

/** Two runs may fetch at once: each fills its own folder, and the first rename wins. */
async function fetchJars(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const temporary = mkdtempSync(join(FOLDER, 'fetch-'))
  try {
    writeFileSync(join(temporary, 'pom.xml'), POM)
    await runMaven(temporary)
    renameSync(join(temporary, 'lib'), join(FOLDER, 'lib'))
  } catch (error) {
    if (!hasJars()) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function runMaven(folder: string): Promise<void> {
  const args = ['-B', '-q', 'dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime']
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-2_000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else
        reject(new Error(`Maven could not fetch Apache Kafka ${KAFKA_VERSION} (is Maven Central in reach?): ${output}`))
    })
  })
}
