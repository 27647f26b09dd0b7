import { sql } from 'drizzle-orm'
import type { PoolClient } from 'pg'
import { expect, test, vi } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()

test('a connection that breaks between two statements fails its transaction, not the process', async () => {
  const heard: string[] = []
  const client = openDatabase(current().url, { maxConnections: 1, onError: (error) => heard.push(error.message) })
  try {
    const work = client.database.transaction(async (transaction) => {
      const { rows } = await transaction.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
      await current().pool.query('select pg_terminate_backend($1)', [rows[0]!.pid])
      await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0), { timeout: 40_000 })
      await transaction.execute(sql`select 1`)
    })
    await expect(work).rejects.toThrow('Failed query')
    expect((await client.database.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }])
  } finally {
    await client.close()
  }
})

test('a connection that is cut before its transaction begins does not stay taken', async () => {
  const client = openDatabase(current().url, { maxConnections: 2, onError: () => undefined })
  const cut = (connection: PoolClient): void => {
    ;(connection as PoolClient & { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  }
  try {
    client.pool.on('acquire', cut)
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(client.database.transaction(async () => 1)).rejects.toThrow('Failed query: begin')
    }
    client.pool.off('acquire', cut)
    expect(await client.database.transaction(async () => 1)).toBe(1)
  } finally {
    await client.close()
  }
})

test('a transaction that freezes loses its session, so that the rows it locked are free again', async () => {
  const client = openDatabase(current().url, { maxConnections: 2, onError: () => undefined })
  try {
    await client.pool.query('create table locked (id int primary key)')
    await client.pool.query('insert into locked values (1)')
    const frozen = await client.pool.connect()
    await frozen.query('begin')
    await frozen.query('select 1 from locked for update')
    const { rowCount } = await client.pool.query('update locked set id = 2')
    expect(rowCount).toBe(1)
    frozen.release(true)
  } finally {
    await client.close()
  }
})
