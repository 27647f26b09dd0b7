import pg from 'pg'
import { currentInstance } from './instance.ts'

/** Rows of the instance's own database, every value as text: the truth that screens are held against. */
export async function askDatabase(
  query: string,
  values: readonly unknown[] = [],
): Promise<readonly Readonly<Record<string, string>>[]> {
  const client = new pg.Client({ connectionString: currentInstance().databaseUrl })
  await client.connect()
  try {
    return (await client.query<Record<string, string>>(query, [...values])).rows
  } finally {
    await client.end()
  }
}
