import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import { openDatabase, type DatabaseClient } from '#db/client.ts'

export interface TestDatabase extends DatabaseClient {
  readonly url: string
}

/**
 * A database of this test file's own, cloned from the migrated template before the file and dropped after it. A pool
 * that is still in use when the file ends fails it.
 */
export function useTestDatabase(): () => TestDatabase {
  let current: TestDatabase | null = null
  const name = `test_${randomUUID().replaceAll('-', '')}`
  beforeAll(async () => {
    await administrate(`create database ${name} template throughline_template`)
    const url = inject('postgresUrl').replace(/postgres$/, name)
    const failures: Error[] = []
    current = { url, ...openDatabase(url, { maxConnections: 10, onError: (error) => failures.push(error) }) }
  })
  afterAll(async () => {
    await current?.close()
    await administrate(`drop database if exists ${name} with (force)`)
  })
  return () => {
    if (current === null) throw new Error('the test database is open only inside tests')
    return current
  }
}

async function administrate(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
