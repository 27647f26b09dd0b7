import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'

/** A pool or a transaction: what every store function takes first. */
export type Database = NodePgDatabase | Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0]

export interface DatabaseClient {
  readonly database: Database
  readonly pool: pg.Pool
  close(): Promise<void>
}

/**
 * A process that freezes in the middle of a transaction (a stopped machine, a debugger) keeps its row locks for as long as
 * its connection stands; Postgres then ends that session, so that another collector can take the lease over.
 */
const FROZEN_TRANSACTION_MS = 8_000

/** Opens a pool. Only server/runtime.ts, collector/main.ts and tests do this. `onError` hears of idle connections that broke. */
export function openDatabase(
  url: string,
  options: { readonly maxConnections: number; readonly onError: (error: Error) => void },
): DatabaseClient {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: FROZEN_TRANSACTION_MS,
  })
  pool.on('error', options.onError)
  // Between two statements of a transaction nobody listens, and an error event without a listener ends the process; the
  // transaction itself learns of it from its next statement.
  pool.on('connect', (client) => client.on('error', options.onError))
  return { database: openPooled(pool), pool, close: () => pool.end() }
}

const OPTIONS = { casing: 'snake_case' } as const

/**
 * Drizzle over the pool. For a transaction Drizzle takes a connection and never gives it back when the very `begin` fails,
 * which is how a cut connection shows: a dozen of those and nothing is answered any more. So the connection is taken
 * and given back here.
 */
function openPooled(pool: pg.Pool): NodePgDatabase {
  const database = drizzle(pool, OPTIONS)
  const ofConnection = new WeakMap<pg.PoolClient, NodePgDatabase>()
  database.transaction = async (run, config) => {
    const connection = await pool.connect()
    try {
      const known = ofConnection.get(connection) ?? drizzle(connection, OPTIONS)
      ofConnection.set(connection, known)
      return await known.transaction(run, config)
    } finally {
      connection.release()
    }
  }
  return database
}
