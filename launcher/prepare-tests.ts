import { findChromium } from '../e2e/support/find-chromium.ts'
import { installPackages } from './install-missing.ts'
import { canRunKafka } from './servers/kafka-installation.ts'
import { fetchRabbitmq } from './servers/rabbitmq-installation.ts'
import type { Kind } from './test-arguments.ts'

/** Something that some tests need and that a machine may lack. */
export interface Prerequisite {
  /** Which tests: `tests on Kafka`. */
  readonly tests: string
  readonly kinds: readonly Kind[]
  /** Debian packages that bring it. */
  readonly packages: readonly string[]
  /** Why it is not there, in words; null when it is. */
  readonly findMissing: () => Promise<string | null>
}

const KAFKA: Prerequisite = {
  tests: 'tests on Kafka',
  kinds: ['contract', 'start', 'e2e'],
  packages: ['default-jre-headless', 'maven'],
  findMissing: async () => {
    const runnable = canRunKafka()
    return runnable.ok ? null : runnable.reason
  },
}

const RABBITMQ: Prerequisite = {
  tests: 'tests on RabbitMQ',
  kinds: ['contract'],
  packages: ['rabbitmq-server'],
  findMissing: async () => {
    const runnable = fetchRabbitmq()
    return runnable.ok ? null : runnable.reason
  },
}

const CHROMIUM: Prerequisite = {
  tests: 'browser tests',
  kinds: ['start', 'e2e'],
  // Chromium itself is in an npm package; these are the libraries that it expects of the system.
  packages: process.arch === 'x64' ? ['libnss3', 'libexpat1', 'fonts-liberation'] : ['chromium'],
  findMissing: async () => {
    try {
      await findChromium()
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  },
}

/** Sees to what the tests of these kinds need. Answers notes for the summary: what was installed, and what is left out. */
export async function prepareTests(kinds: readonly Kind[], mayInstall: boolean): Promise<string[]> {
  const notes: string[] = []
  for (const one of [KAFKA, RABBITMQ, CHROMIUM]) {
    if (!one.kinds.some((kind) => kinds.includes(kind))) continue
    const install = mayInstall ? installPackages : () => 'not installed because of --no-install'
    const note = await providePrerequisite(one, install)
    if (note !== null) notes.push(note)
  }
  return notes
}

/** One attempt to get what is missing; null when nothing was. */
export async function providePrerequisite(
  { tests, packages, findMissing }: Prerequisite,
  install: (packages: readonly string[]) => string,
): Promise<string | null> {
  if ((await findMissing()) === null) return null
  const did = install(packages)
  const stillMissing = await findMissing()
  return stillMissing === null ? did : `${tests} are skipped: ${stillMissing}; ${did}`
}
