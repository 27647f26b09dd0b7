import { openBroker } from '#brokers/registry.ts'
import { openDatabase } from '#db/client.ts'
import { startOperations } from '#engine/start-operations.ts'
import { READY_LINE } from '#engine/kill-suite/spawn-engine.ts'
import { createLog } from '#log.ts'

/** The engine as a process of its own, to be killed: what the collector runs, without its other duties. */
const { databaseUrl, kind, configuration, secret, holder, leaseTtlMs } = JSON.parse(
  process.env['KILL_SUITE'] ?? '{}',
) as {
  databaseUrl: string
  kind: string
  configuration: unknown
  secret: unknown
  holder: string
  leaseTtlMs: number
}

const log = createLog(holder, process.env['LOG_LEVEL'] ?? 'error')
const client = openDatabase(databaseUrl, {
  maxConnections: 12,
  onError: (error) => log.warn({ reason: error.message }, 'a connection broke'),
})
const broker = await openBroker({ clusterId: 'k', kind, configuration, secret })
const operations = startOperations({
  client,
  brokers: { get: async () => broker },
  telemetry: { recordOwnSpans: async () => undefined, readDeliveriesOf: async () => [] },
  log,
  holder,
  failpoint: { text: process.env['FAILPOINT'], nodeEnvironment: 'test' },
  leaseTtlMs,
})
process.stdout.write(`${READY_LINE}\n`)
process.once('SIGTERM', () => void end())

async function end(): Promise<void> {
  await operations.stop()
  await broker.close()
  await client.close()
}
