import pg from 'pg'
import { startIngest } from '#collector/ingest/start-ingest.ts'
import { createLog } from '#log.ts'

/** Every flow is judged, and every one is kept: nothing of the work is left out, and what was sent can be counted. */
const sampling = { share: 1 - 2 ** -40, slowUs: 10_000_000, waitMs: 30_000, maxHeldBytes: 96 * 1024 * 1024 }

/** The ingest duty alone, as a process of its own: prints its port, ends on SIGTERM. */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 4 })
const log = createLog('bench', 'warn')
const ingest = await startIngest({ pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log, sampling })
process.stdout.write(`port ${ingest.httpPort}\n`)
process.once('SIGTERM', () => {
  void ingest
    .stop()
    .then(() => pool.end())
    .then(() => process.exit(0))
})
