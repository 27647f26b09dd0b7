import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { openBroker } from '#brokers/registry.ts'
import { createBrokerDirectory, type BrokerOpener } from '#collector/broker-directory.ts'
import { startControlServer } from '#collector/control-server.ts'
import { openConsumerChannel } from '#collector/control/consumer-channel.ts'
import { openOrderBook } from '#collector/control/order-book.ts'
import type { CollectorContext, Duty } from '#collector/duty.ts'
import { ensureClusters, parseConfiguredClusters } from '#collector/ensure-clusters.ts'
import { watchCorrelationRules } from '#collector/correlation/watch-correlation-rules.ts'
import { dutyStarters, openTelemetry } from '#collector/duty-starters.ts'
import { startDuties, stopDuties } from '#collector/start-duties.ts'
import { waitForDatabase } from '#collector/wait-for-database.ts'
import { readCollectorConfig, type CollectorConfig } from '#config.ts'
import { openDatabase, type DatabaseClient } from '#db/client.ts'
import { createLog, type Log } from '#log.ts'

const STOP_LIMIT_MS = 10_000

const openLogged: BrokerOpener = (opening) => openBroker({ ...opening, log })

const config = readCollectorConfig(process.env)
const log = createLog('collector', config.LOG_LEVEL)
const stopping = new AbortController()

/** A process in an unknown state must not go on acting on people's brokers: it ends, and its leases expire. */
const crash = (what: string) => (error: unknown) => {
  log.fatal({ err: error }, what)
  process.exit(1)
}
process.on('unhandledRejection', crash('unhandled rejection'))
process.on('uncaughtException', crash('uncaught exception'))
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    if (stopping.signal.aborted) return
    log.info({ signal: name }, 'stopping')
    stopping.abort()
    setTimeout(() => {
      log.error({ limitMs: STOP_LIMIT_MS }, 'not everything stopped in time')
      process.exit(1)
    }, STOP_LIMIT_MS).unref()
  })
}
await run(config, log, stopping.signal)

async function run(config: CollectorConfig, log: Log, signal: AbortSignal): Promise<void> {
  parseConfiguredClusters(config.THROUGHLINE_CLUSTERS)
  const client = openDatabase(config.DATABASE_URL, {
    maxConnections: 20,
    onError: (error) => log.warn({ reason: error.message }, 'a connection to Postgres broke'),
  })
  let duties: readonly Duty[] | null = null
  const orders = openOrderBook(client, log)
  const consumers = openConsumerChannel({
    database: client.database,
    orders,
    tokens: config.THROUGHLINE_CONSUMER_TOKENS,
    log,
  })
  const control = await startControlServer({
    host: config.THROUGHLINE_HOST,
    port: config.THROUGHLINE_CONTROL_PORT,
    readReadiness: () => readReadiness(client, duties),
    answerConsumer: (request, response) => consumers.answer(request, response),
  })
  const brokers = createBrokerDirectory(client.database, config.THROUGHLINE_SEAL_KEY, openLogged, (clusterId, error) =>
    log.warn({ clusterId, err: error }, 'an adapter did not close cleanly'),
  )
  const holder = `${hostname()}/${process.pid}/${randomUUID()}`
  if (await waitForDatabase(client.pool, log, signal)) {
    const clusters = await ensureClusters(client.database, config.THROUGHLINE_SEAL_KEY, config.THROUGHLINE_CLUSTERS)
    const telemetry = await openTelemetry(client, log)
    const correlation = await watchCorrelationRules(client.database, log)
    const context: CollectorContext = { config, client, brokers, telemetry, correlation, log, holder }
    duties = await startDuties(context, dutyStarters(config))
    log.info({ ready: true, controlPort: control.port, duties: duties.map(({ name }) => name), clusters }, 'ready')
    await aborted(signal)
    await stopDuties(duties)
    await correlation.stop()
    await telemetry.close()
  }
  await brokers.close()
  await control.stop()
  await orders.stop()
  await client.close()
  log.info('stopped')
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function readReadiness(client: DatabaseClient, duties: readonly Duty[] | null) {
  const names = duties?.map(({ name }) => name) ?? []
  try {
    await client.pool.query('select 1')
    return { isReady: duties !== null, details: { database: 'up', duties: names } }
  } catch (error) {
    return { isReady: false, details: { database: String(error), duties: names } }
  }
}
