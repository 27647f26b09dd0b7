import { z } from 'zod'

/** The two fields of every keyset page: at most 200 rows, and the opaque cursor of the page before. */
export const pageInput = {
  limit: z.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).nullable().default(null),
}
