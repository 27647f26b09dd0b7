import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findFreePort } from '../launcher/free-port.ts'
import { makeDatabase, migrateDatabase } from '../launcher/prepare-database.ts'
import { startKafka, type KafkaServer } from '../launcher/servers/kafka.ts'
import { startElasticmq, type ElasticmqServer } from '../launcher/servers/elasticmq.ts'
import { startRabbitmq, type RabbitmqServer } from '../launcher/servers/rabbitmq.ts'
import { startPostgres } from '../launcher/servers/postgres.ts'

/** What a benchmark measures with. Everything that it brings up is gone when it ends. */
export interface Bench {
  /** How much work; `--size` or the benchmark's own default. */
  readonly size: number
  /** A temporary folder. */
  readonly folder: string
  /** A Postgres of this run alone, with the migrated database `bench`; the settings are the product's, fsync included. */
  startDatabase(): Promise<string>
  /** A Kafka of this run alone. */
  startKafka(): Promise<KafkaServer>
  /** A RabbitMQ of this run alone. */
  startRabbitmq(): Promise<RabbitmqServer>
  /** An ElasticMQ of this run alone. */
  startElasticmq(): Promise<ElasticmqServer>
  /** Runs when the benchmark ends, last registered first. */
  onEnd(cleanUp: () => Promise<void>): void
  /** A row of the table. */
  show(what: string, figure: string): void
}

/** The figure and the same work done without us, measured in the same run. */
export interface Measured {
  readonly value: number
  readonly unit: string
  /** null where there is nothing to compare with. */
  readonly baseline: number | null
  /** Further figures for the last line. */
  readonly [name: string]: number | string | null | object
}

/**
 * Runs one benchmark: brings up what it asks for, prints a table for people and, as the very last line, one JSON object
 * `{name, value, unit, baseline, ratio, ...}` with ratio = value / baseline.
 */
export async function runBench(
  name: string,
  defaultSize: number,
  measure: (bench: Bench) => Promise<Measured>,
): Promise<void> {
  const { values } = parseArgs({ options: { size: { type: 'string' } }, strict: false })
  const size = Number(values.size ?? defaultSize)
  if (!Number.isFinite(size) || size <= 0) throw new Error(`--size is "${values.size}": a number above 0`)
  const folder = mkdtempSync(join(tmpdir(), `throughline-bench-${name}-`))
  const cleanUps: (() => Promise<void>)[] = []
  console.log(
    `${name}, size ${size}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`,
  )
  try {
    const measured = await measure(makeBench(size, folder, cleanUps))
    const ratio = measured.baseline === null ? null : measured.value / measured.baseline
    await cleanUpAll(cleanUps)
    console.log(JSON.stringify({ name, ...measured, ratio, size }))
  } finally {
    await cleanUpAll(cleanUps)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function cleanUpAll(cleanUps: (() => Promise<void>)[]): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
}

function makeBench(size: number, folder: string, cleanUps: (() => Promise<void>)[]): Bench {
  return {
    size,
    folder,
    startDatabase: async () => {
      const server = await startPostgres({ folder: join(folder, 'postgres'), port: await findFreePort(0) })
      cleanUps.push(() => server.stop())
      const url = await makeDatabase(server.url, 'bench')
      await migrateDatabase(url)
      return url
    },
    startKafka: async () => {
      const server = await startKafka({ folder: join(folder, 'kafka'), port: await findFreePort(0) })
      cleanUps.push(() => server.stop())
      return server
    },
    startRabbitmq: async () => {
      const port = await findFreePort(0)
      const place = { folder: join(folder, 'rabbitmq'), port, managementPort: await findFreePort(port + 1) }
      const server = await startRabbitmq(place)
      cleanUps.push(() => server.stop())
      return server
    },
    startElasticmq: async () => {
      const server = await startElasticmq({ folder: join(folder, 'elasticmq'), port: await findFreePort(0) })
      cleanUps.push(() => server.stop())
      return server
    },
    onEnd: (cleanUp) => {
      cleanUps.push(cleanUp)
    },
    show: (what, figure) => console.log(`  ${what.padEnd(52)} ${figure.padStart(16)}`),
  }
}
