import { z } from 'zod'

/** Why something is done, in the words of whoever does it; it stands in the audit row. */
export const reasonText = z.string().trim().min(1).max(500)
