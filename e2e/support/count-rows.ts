import pg from 'pg'
import { currentInstance } from './instance.ts'

/** How many rows a query finds in the instance's own database: the truth that screens are held against. */
export async function countRows(query: string, values: readonly unknown[] = []): Promise<number> {
  const client = new pg.Client({ connectionString: currentInstance().databaseUrl })
  await client.connect()
  try {
    const answer = await client.query<{ count: string }>(`select count(*) from (${query}) as found`, [...values])
    return Number(answer.rows[0]?.count ?? 0)
  } finally {
    await client.end()
  }
}
