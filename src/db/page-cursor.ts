import type { z } from 'zod'
import { Failure } from '#domain/failure.ts'

/** Where a keyset page ended: the sort keys of its last row, opaque to the caller. */
export function encodeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url')
}

/** The inverse of {@link encodeCursor}. @throws Failure `invalid` for a text that is not a cursor of this shape. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch (cause) {
    throw new Failure('invalid', 'the page cursor is not one that was given out', { cause })
  }
}

/** One row more than the page is read to know whether another page follows. */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  keysOf: (row: Row) => readonly (string | number)[],
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keysOf(last)) : null }
}
