import { askDatabase } from './ask-database.ts'

/** How many rows a query finds in the instance's own database. */
export async function countRows(query: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await askDatabase(`select count(*)::text as count from (${query}) as found`, values)
  return Number(row?.['count'] ?? 0)
}
