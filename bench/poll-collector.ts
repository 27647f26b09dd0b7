import { openBroker } from '#brokers/registry.ts'
import { createBrokerDirectory } from '#collector/broker-directory.ts'
import { CONVENTIONS_ALONE } from '#collector/correlation/watch-correlation-rules.ts'
import { startPolls } from '#collector/poll/start-polls.ts'
import { openDatabase } from '#db/client.ts'
import { createLog } from '#log.ts'

/** The poll duty alone at the product's own rhythm, as a process of its own: prints that it runs, ends on SIGTERM. */
const log = createLog('bench', 'warn')
const client = openDatabase(process.env['DATABASE_URL'] ?? '', {
  maxConnections: 20,
  onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
})
const brokers = createBrokerDirectory(
  client.database,
  'no secret is sealed in a benchmark'.repeat(2),
  openBroker,
  () => undefined,
)
const polls = await startPolls({ client, brokers, correlation: CONVENTIONS_ALONE, log, holder: `bench/${process.pid}` })
process.stdout.write('polling\n')
process.once('SIGTERM', () => {
  void polls
    .stop()
    .then(() => brokers.close())
    .then(() => client.close())
    .then(() => process.exit(0))
})
