import { asc, count, eq, isNull } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { attributeIndex } from '#db/schema/attribute-index.ts'

/** An attribute key that is found fast, or is on its way there. */
export interface AttributeIndexRow {
  readonly number: number
  readonly key: string
  readonly requestedAtMs: number
  readonly requestedByName: string
  /** Spans that began at or after this are found fast; 0 = all; null = none yet. */
  readonly completeFromUs: number | null
}

/** By key. There are a few at most. */
export async function listAttributeIndexes(database: Database): Promise<readonly AttributeIndexRow[]> {
  const rows = await database
    .select({
      number: attributeIndex.number,
      key: attributeIndex.key,
      requestedAtMs: epochMs(attributeIndex.requestedAt),
      requestedByName: attributeIndex.requestedByName,
      completeFromUs: attributeIndex.completeFromUs,
      completedAt: attributeIndex.completedAt,
    })
    .from(attributeIndex)
    .orderBy(asc(attributeIndex.key))
  return rows.map(({ completedAt, ...row }) => ({
    ...row,
    completeFromUs: completedAt === null ? row.completeFromUs : 0,
  }))
}

/** How far the postings of a key reach back; null when there are none. */
export async function findAttributeIndex(
  database: Database,
  key: string,
): Promise<{ readonly number: number; readonly completeFromUs: number } | null> {
  const [row] = await database.select().from(attributeIndex).where(eq(attributeIndex.key, key))
  if (row === undefined || row.completeFromUs === null) return null
  return { number: row.number, completeFromUs: row.completedAt === null ? row.completeFromUs : 0 }
}

export async function countAttributeIndexes(database: Database): Promise<number> {
  const [row] = await database.select({ count: count() }).from(attributeIndex)
  return row?.count ?? 0
}

/** False when the key is there already. */
export async function insertAttributeIndex(
  database: Database,
  row: { readonly key: string; readonly requestedByName: string },
): Promise<boolean> {
  const made = await database
    .insert(attributeIndex)
    .values(row)
    .onConflictDoNothing()
    .returning({ number: attributeIndex.number })
  return made.length > 0
}

/** False when the key is not there. What was posted for it goes with the days of its spans. */
export async function deleteAttributeIndex(database: Database, key: string): Promise<boolean> {
  const gone = await database
    .delete(attributeIndex)
    .where(eq(attributeIndex.key, key))
    .returning({ number: attributeIndex.number })
  return gone.length > 0
}

/** Those whose older spans are still to be posted, the oldest request first. */
export async function listUnfinishedIndexes(
  database: Database,
): Promise<readonly Omit<AttributeIndexRow, 'requestedByName'>[]> {
  return database
    .select({
      number: attributeIndex.number,
      key: attributeIndex.key,
      requestedAtMs: epochMs(attributeIndex.requestedAt),
      completeFromUs: attributeIndex.completeFromUs,
    })
    .from(attributeIndex)
    .where(isNull(attributeIndex.completedAt))
    .orderBy(asc(attributeIndex.number))
}

/** 0 = everything is posted. False when the key was dropped meanwhile. */
export async function recordIndexProgress(
  database: Database,
  number: number,
  completeFromUs: number,
): Promise<boolean> {
  const known = await database
    .update(attributeIndex)
    .set({ completeFromUs, ...(completeFromUs === 0 ? { completedAt: new Date() } : {}) })
    .where(eq(attributeIndex.number, number))
    .returning({ number: attributeIndex.number })
  return known.length > 0
}
