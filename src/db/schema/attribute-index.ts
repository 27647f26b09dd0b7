import { bigint, pgTable, smallserial, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

/**
 * Attribute keys by which flows are found fast. The collector writes postings at ingest from the request on and adds
 * those of older spans, newest first, until it has passed what is stored.
 */
export const attributeIndex = pgTable(
  'attribute_index',
  {
    /** Names the key in the postings; never given to another key. */
    number: smallserial().primaryKey(),
    key: text().notNull(),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull().defaultNow(),
    requestedByName: text('requested_by_name').notNull(),
    /** Spans that began at or after this are all posted. null = the collector has not begun. */
    completeFromUs: bigint('complete_from_us', { mode: 'number' }),
    /** When everything that was stored was posted. */
    completedAt: timestamp('completed_at', { withTimezone: true }),
  },
  (table) => [uniqueIndex('attribute_index_key').on(table.key)],
)
