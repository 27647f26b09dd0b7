import { bigint, boolean, index, integer, jsonb, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes } from '#db/bytes.ts'
import { deadLetter, type StoredHeader } from '#db/schema/dead-letter.ts'

/**
 * Whole messages, byte for byte, until they expire, one per dead letter: what an operation took out of the inbox, and
 * what a dead letter only pointed to.
 */
export const messageArchive = pgTable(
  'message_archive',
  {
    deadLetterId: bigint('dead_letter_id', { mode: 'number' })
      .primaryKey()
      .references(() => deadLetter.id, { onDelete: 'cascade' }),
    /** null for a message that a dead letter only pointed to, fetched from where it came from. */
    operationId: uuid('operation_id'),
    ordinal: integer(),
    messageKey: bytes('message_key'),
    headers: jsonb().$type<StoredHeader[]>().notNull(),
    /** The whole payload; null is a tombstone. */
    payload: bytes(),
    timestampMs: bigint('timestamp_ms', { mode: 'number' }),
    /** The place is a queue, which lets go of it: from then on this is the only copy. */
    isOnlyCopy: boolean('is_only_copy').notNull(),
    archivedAt: timestamp('archived_at', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index().on(table.operationId, table.ordinal), index().on(table.expiresAt)],
)
