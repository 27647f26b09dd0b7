import pg from 'pg'
import { abortable } from '#brokers/abortable.ts'
import type { BrokerLog } from '#brokers/broker-opening.ts'
import { toPgqueueFailure } from '#brokers/pgqueue/pgqueue-failure.ts'
import { Failure } from '#domain/failure.ts'

/** The first schema of pg-boss that has everything read here; older ones lack why a dead letter died. */
const OLDEST_SCHEMA_VERSION = 43
const ASK_FOR_DURABLE_COMMITS = `
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`
const STATEMENT_TIMEOUT_MS = 30_000

export interface PgqueueConnection {
  /** The schema's name, quoted; it comes from the registration, which allows letters, digits and underscores only. */
  readonly schema: string
  readonly schemaName: string
  /** @throws Failure of the kind that Postgres gave, or when the signal aborts first. */
  query<Row>(text: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]>
  /** One statement on a connection of its own; what it throws is not classified. `isSent` tells whether it was sent at all. */
  execute<Row>(text: string, values: readonly unknown[]): Promise<Execution<Row>>
  /** @throws Failure `not-found` */
  requireQueue(name: string, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export type Execution<Row> =
  | { readonly isDone: true; readonly rows: readonly Row[] }
  | { readonly isDone: false; readonly isSent: boolean; readonly error: unknown }

/** A small pool; nothing is connected before the first call. */
export function openPgqueueConnection(url: string, schemaName: string, log: BrokerLog | undefined): PgqueueConnection {
  const pool = openPool(url, log)
  const schema = `"${schemaName}"`
  let isClosed = false
  let isVersionChecked = false

  const query = async <Row>(text: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]> => {
    if (isClosed) throw new Failure('broker-unavailable', 'the adapter is closed', { retryable: false })
    try {
      if (!isVersionChecked) await checkVersion(pool, schema, signal)
      isVersionChecked = true
      const result = await abortable(pool.query(text, [...values]), signal)
      return result.rows as Row[]
    } catch (error) {
      throw toPgqueueFailure(error)
    }
  }

  return {
    schema,
    schemaName,
    query,
    async execute<Row>(text: string, values: readonly unknown[]): Promise<Execution<Row>> {
      let client: pg.PoolClient
      try {
        client = await pool.connect()
      } catch (error) {
        return { isDone: false, isSent: false, error }
      }
      try {
        const result = await client.query(text, [...values])
        client.release()
        return { isDone: true, rows: result.rows as Row[] }
      } catch (error) {
        client.release(true)
        return { isDone: false, isSent: true, error }
      }
    },
    async requireQueue(name, signal) {
      const rows = await query(`select 1 from ${schema}.queue where name = $1`, [name], signal)
      if (rows.length === 0) throw new Failure('not-found', `there is no queue ${name}`)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await pool.end()
    },
  }
}

function openPool(url: string, log: BrokerLog | undefined): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'throughline',
    max: 4,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    // A commit that is not on disk yet is no proof.
    verify: (client, done) => {
      client.query(ASK_FOR_DURABLE_COMMITS, (error: Error | null) => done(error ?? undefined))
    },
  })
  const warn = (error: Error): void => log?.warn({ error: error.message }, 'a connection to Postgres was lost')
  pool.on('error', warn)
  // Also while nobody waits for an answer on it: an error event without a listener ends the process.
  pool.on('connect', (client) => client.on('error', warn))
  return pool
}

async function checkVersion(pool: pg.Pool, schema: string, signal: AbortSignal): Promise<void> {
  const result = await abortable(pool.query<{ version: number }>(`select version from ${schema}.version`), signal)
  const version = result.rows[0]?.version ?? 0
  if (version >= OLDEST_SCHEMA_VERSION) return
  throw new Failure(
    'unsupported',
    `the tables are of pg-boss schema ${version}; ${OLDEST_SCHEMA_VERSION} (pg-boss 12.35) or newer is needed`,
  )
}
