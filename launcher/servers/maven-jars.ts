import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MavenJar {
  /** `group:artifact:version`; of two versions of a jar that several need, the first listed one's counts. */
  readonly jar: string
  /** `group:artifact` of what it would bring along in vain. */
  readonly without?: readonly string[]
}

/** Jars with all that they need at run time, in one folder of `.cache/`. */
export interface JarSet {
  /** For messages: `Apache Kafka 4.3.1`. */
  readonly name: string
  readonly folder: string
  readonly jars: readonly MavenJar[]
}

const CACHE = join(import.meta.dirname, '..', '..', '.cache')

export const cacheFolder = (name: string): string => join(CACHE, name)

export const hasJars = ({ folder }: JarSet): boolean =>
  existsSync(join(folder, 'lib')) && readdirSync(join(folder, 'lib')).length > 0

/** What goes after `-cp`. */
export const classPathOf = ({ folder }: JarSet): string => join(folder, 'lib', '*')

/**
 * Fetches the jars from Maven Central where they are not there yet. Two runs may do so at once: each fills its own folder,
 * and the first rename wins.
 * @throws Error with Maven's last words
 */
export async function fetchJars(set: JarSet): Promise<void> {
  if (hasJars(set)) return
  mkdirSync(set.folder, { recursive: true })
  const temporary = mkdtempSync(join(set.folder, 'fetch-'))
  try {
    writeFileSync(join(temporary, 'pom.xml'), printPom(set.jars))
    await runMaven(set.name, temporary)
    renameSync(join(temporary, 'lib'), join(set.folder, 'lib'))
  } catch (error) {
    if (!hasJars(set)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

const COPY_DEPENDENCIES = ['dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime']

const printPom = (jars: readonly MavenJar[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>throughline</groupId>
  <artifactId>jars</artifactId>
  <version>1</version>
  <dependencies>
${jars.map(printDependency).join('\n')}
  </dependencies>
</project>
`

function printDependency({ jar, without = [] }: MavenJar): string {
  const [group = '', artifact = '', version = ''] = jar.split(':')
  const exclusions = without.map((one) => {
    const [excludedGroup = '', excludedArtifact = ''] = one.split(':')
    return `<exclusion><groupId>${excludedGroup}</groupId><artifactId>${excludedArtifact}</artifactId></exclusion>`
  })
  const names = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`
  return `    <dependency>${names}<exclusions>${exclusions.join('')}</exclusions></dependency>`
}

/** Runs Maven's goals in a folder. @throws Error with its last words */
export function runMaven(name: string, folder: string, args: readonly string[] = COPY_DEPENDENCIES): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', ['-B', '-q', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-2_000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`Maven could not fetch ${name} (is Maven Central in reach?): ${output}`))
    })
  })
}
