import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { ensureFirstOwner, type FirstOwner } from '#server/first-owner.ts'
import { ROOT } from './folders.ts'
import { Trouble } from './trouble.ts'

/** Any number that nobody else locks; two launchers on one database migrate one after the other. */
const MIGRATION_LOCK = 7_284_619

/** Makes the database `name` of a server when it is not there; answers its URL. */
export async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** @throws Trouble when the given database cannot be used, with the reason in words. */
export async function requireDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const answer = await client.query<{ server_version: string; number: number }>(
      "select current_setting('server_version') server_version, current_setting('server_version_num')::int number",
    )
    const row = answer.rows[0]
    if (row === undefined || row.number < 150_000) {
      throw new Trouble(`Postgres ${row?.server_version ?? ''} is too old`, 'use Postgres 15 or newer')
    }
    return row.server_version
  } catch (error) {
    if (error instanceof Trouble) throw error
    const target = new URL(url)
    throw new Trouble(
      `DATABASE_URL (${target.hostname}:${target.port || '5432'}${target.pathname}) cannot be used: ${describe(error)}`,
      'start that server or correct the URL, or unset DATABASE_URL to use the embedded Postgres',
      { cause: error },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

const describe = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map((one: unknown) => describe(one)).join('; ')
    : error instanceof Error
      ? error.message
      : String(error)

export interface Migrated {
  /** How many migrations were applied now. */
  readonly applied: number
  /** The account that can sign in with a password shown now; null when people have chosen their own. */
  readonly owner: FirstOwner | null
}

/** Brings the schema up to date and makes the first account. Safe to run twice and by two at once. */
export async function migrateDatabase(url: string): Promise<Migrated> {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const lock = await pool.connect()
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const before = await countMigrations(pool)
    const database = drizzle(pool, { casing: 'snake_case' })
    await migrate(database, { migrationsFolder: join(ROOT, 'drizzle') })
    const applied = (await countMigrations(pool)) - before
    // Only the hash of a one-time password is kept: one that was never used is replaced, so that a start can show it.
    const given = process.env['THROUGHLINE_OWNER_PASSWORD']
    const permanentPassword = given === '' ? undefined : given
    return { applied, owner: await ensureFirstOwner(database, { permanentPassword, renewUnused: true }) }
  } finally {
    // Ending the session gives the advisory lock back, also after an error.
    lock.release(true)
    await pool.end()
  }
}

async function countMigrations(pool: pg.Pool): Promise<number> {
  const table = await pool.query<{ table: string | null }>(
    "select to_regclass('drizzle.__drizzle_migrations') as table",
  )
  if (typeof table.rows[0]?.table !== 'string') return 0
  const answer = await pool.query<{ count: number }>('select count(*)::int count from drizzle.__drizzle_migrations')
  return answer.rows[0]?.count ?? 0
}
