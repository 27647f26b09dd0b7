import pg from 'pg'
import { startIngest } from '#collector/ingest/start-ingest.ts'
import { createLog } from '#log.ts'

/** The ingest duty alone, as a process of its own: prints its port, ends on SIGTERM. */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 4 })
const log = createLog('bench', 'warn')
const ingest = await startIngest({ pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log })
process.stdout.write(`port ${ingest.httpPort}\n`)
process.once('SIGTERM', () => {
  void ingest
    .stop()
    .then(() => pool.end())
    .then(() => process.exit(0))
})
