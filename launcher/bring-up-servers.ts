import { join } from 'node:path'
import type { FirstOwner } from '#server/first-owner.ts'
import { turnLog } from './child-process.ts'
import { chooseBroker, type BrokerPlan } from './choose-broker.ts'
import { choosePorts, type Ports } from './choose-ports.ts'
import { makeDatabase, migrateDatabase, requireDatabase } from './prepare-database.ts'
import { hasShop, logFileOf } from './product-processes.ts'
import type { RabbitmqState } from './run-state.ts'
import { fetchRabbitmq } from './servers/rabbitmq-installation.ts'
import { startRabbitmq } from './servers/rabbitmq.ts'
import { startPostgres } from './servers/postgres.ts'
import { runStep, say } from './show-progress.ts'
import type { StartOptions } from './start-options.ts'
import type { Supervisor } from './supervisor.ts'

/** What the product's processes need to be there before them. */
export interface Servers {
  readonly ports: Ports
  readonly databaseUrl: string
  readonly owner: FirstOwner | null
  readonly broker: BrokerPlan
  readonly rabbitmq: RabbitmqState | null
}

/** Ports, Postgres with an up-to-date schema, a broker, and the second one of the shop where it can be had. */
export async function bringUpServers(options: StartOptions, folder: string, supervisor: Supervisor): Promise<Servers> {
  for (const name of ['postgres', 'kafka', 'rabbitmq', 'collector', 'web', 'demo']) turnLog(logFileOf(folder, name))
  const { ports, notices } = await choosePorts(process.env)
  for (const notice of notices) say('ports', notice)
  const server = await bringUpDatabase(folder, ports.database, supervisor)
  const schema = await bringUpSchema(server)
  const broker = await bringUpBroker(options, folder, ports.kafka, supervisor)
  const rabbitmq = options.hasDemo && hasShop() ? await bringUpRabbitmq(folder, ports, supervisor) : null
  return { ports, ...schema, broker, rabbitmq }
}

/** The given server, or an embedded one whose database is still to be made. */
async function bringUpDatabase(folder: string, port: number, supervisor: Supervisor): Promise<DatabaseServer> {
  const given = process.env['DATABASE_URL']
  const remedy = `see ${logFileOf(folder, 'postgres')}; with DATABASE_URL set, a Postgres of your own is used instead`
  return runStep<DatabaseServer>('database', remedy, async (progress) => {
    if (given !== undefined && given !== '') {
      progress('connecting to DATABASE_URL')
      return {
        said: `Postgres ${await requireDatabase(given)}, from DATABASE_URL`,
        result: { url: given, isEmbedded: false },
      }
    }
    progress('starting the embedded Postgres')
    const logFile = logFileOf(folder, 'postgres')
    const start = () => startPostgres({ folder: join(folder, 'postgres'), port, logFile })
    await supervisor.start({ name: 'database', logFile, start })
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    return { said: `embedded Postgres on port ${port}`, result: { url, isEmbedded: true } }
  })
}

interface DatabaseServer {
  readonly url: string
  readonly isEmbedded: boolean
}

async function bringUpSchema(server: DatabaseServer): Promise<{ databaseUrl: string; owner: FirstOwner | null }> {
  const remedy =
    'is the database from a newer version? use that version, or begin anew: npm start -- --fresh, or an empty DATABASE_URL'
  return runStep('schema', remedy, async (progress) => {
    progress('migrating')
    const databaseUrl = server.isEmbedded ? await makeDatabase(server.url, 'throughline') : server.url
    const { applied, owner } = await migrateDatabase(databaseUrl)
    const said = applied === 0 ? 'up to date' : `${applied} migrations applied`
    return { said, result: { databaseUrl, owner } }
  })
}

async function bringUpBroker(
  options: StartOptions,
  folder: string,
  port: number,
  supervisor: Supervisor,
): Promise<BrokerPlan> {
  const remedy = `see ${logFileOf(folder, 'kafka')}; npm start -- --broker pgqueue does without Kafka`
  return runStep('broker', remedy, async (progress) => {
    progress('looking for brokers')
    const kafkaBrokers = process.env['KAFKA_BROKERS']
    const plan = chooseBroker(options.broker, { dataFolder: folder, port, kafkaBrokers })
    progress(`starting ${plan.state.how}; the first time it is fetched`)
    if (plan.start !== null) {
      await supervisor.start({ name: 'kafka', logFile: logFileOf(folder, 'kafka'), start: plan.start })
    }
    return { said: plan.state.how, result: plan }
  })
}

/** The shop does without it, so what is missing is said and no reason to stop. */
async function bringUpRabbitmq(folder: string, ports: Ports, supervisor: Supervisor): Promise<RabbitmqState | null> {
  const logFile = logFileOf(folder, 'rabbitmq')
  return runStep<RabbitmqState | null>('settlements', `see ${logFile}`, async (progress) => {
    if (process.env['THROUGHLINE_RABBITMQ'] === 'off') return { said: 'left out by THROUGHLINE_RABBITMQ', result: null }
    progress('looking for RabbitMQ; the first time it is fetched')
    const runnable = fetchRabbitmq()
    if (!runnable.ok) return { said: `left out: ${runnable.reason}`, result: null }
    progress('starting RabbitMQ')
    const place = { folder: join(folder, 'rabbitmq'), port: ports.rabbitmq, managementPort: ports.rabbitmqManagement }
    let server: RabbitmqState | null = null
    const start = async () => {
      const started = await startRabbitmq({ ...place, logFile })
      const { address, managementUrl, username, password } = started
      server = { address, managementUrl, username, password }
      return started
    }
    try {
      await supervisor.start({ name: 'rabbitmq', logFile, start })
    } catch (error) {
      return { said: `left out: ${error instanceof Error ? error.message : String(error)}`, result: null }
    }
    return { said: `RabbitMQ on port ${ports.rabbitmq}, management on ${ports.rabbitmqManagement}`, result: server }
  })
}
