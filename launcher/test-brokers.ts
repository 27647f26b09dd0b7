import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findFreePort } from './free-port.ts'
import { canRunJavaSources } from './servers/kafka-ecosystem.ts'
import { canRunKafka } from './servers/kafka-installation.ts'
import { startKafka } from './servers/kafka.ts'
import { canRunSchemaRegistry } from './servers/schema-registry.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Host and port of the run's real Kafka, or null where none can run: skip, the reason is in `kafkaMissing`. */
    kafkaBrokers: string | null
    kafkaMissing: string | null
  }
}

/** Vitest global set-up: one real Kafka for the run, in a temporary folder on free ports. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runnable = canRunKafka()
  if (!runnable.ok) {
    console.warn(`Kafka contracts are skipped: ${runnable.reason}`)
    project.provide('kafkaBrokers', null)
    project.provide('kafkaMissing', runnable.reason)
    return async () => undefined
  }
  const sources = canRunJavaSources()
  if (!sources.ok) console.warn(`Contracts with Kafka Streams and share groups are skipped: ${sources.reason}`)
  const registry = canRunSchemaRegistry()
  if (!registry.ok) console.warn(`Contracts with a schema registry are skipped: ${registry.reason}`)
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-kafka-'))
  const kafka = await startKafka({ folder, port: await findFreePort(0) })
  project.provide('kafkaBrokers', kafka.brokers)
  project.provide('kafkaMissing', null)
  return async () => {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
