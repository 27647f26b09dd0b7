import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { findFreePort } from './free-port.ts'
import { startPostgres } from './servers/postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server's own database; every test file clones `throughline_template` beside it (src/db/test-database.ts). */
    postgresUrl: string
  }
}

/** Vitest global set-up: one real Postgres for the run, with a migrated template database. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'))
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await findFreePort(0),
    settings: ['fsync=off', 'full_page_writes=off'],
  })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('create database throughline_template')
  await client.end()
  const pool = new pg.Pool({ connectionString: server.url.replace(/postgres$/, 'throughline_template'), max: 1 })
  await migrate(drizzle(pool), { migrationsFolder: './drizzle' })
  await pool.end()
  project.provide('postgresUrl', server.url)
  return async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
