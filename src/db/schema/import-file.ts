import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes } from '#db/bytes.ts'
import type { StoredHeader } from '#db/schema/dead-letter.ts'

/** A file of messages that a person has brought. The row stays when its messages are gone, so that a repetition is noticed. */
export const importFile = pgTable(
  'import_file',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    /** Of the whole file, in hex; empty until it has come in whole. */
    sha256: text().notNull().default(''),
    byteCount: bigint('byte_count', { mode: 'number' }).notNull().default(0),
    messageCount: integer('message_count').notNull().default(0),
    uploadedById: text('uploaded_by_id').notNull(),
    uploadedByName: text('uploaded_by_name').notNull(),
    uploadedAt: timestamp('uploaded_at', { withTimezone: true }).notNull().defaultNow(),
    /** When it had come in whole; null while it comes in, and for ever when it did not. */
    completedAt: timestamp('completed_at', { withTimezone: true }),
    /** From then on its messages are removed. */
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index().on(table.sha256), index().on(table.expiresAt)],
)

/** One message of such a file, byte for byte; `ordinal` counts messages, `line` counts lines. */
export const importMessage = pgTable(
  'import_message',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => importFile.id, { onDelete: 'cascade' }),
    ordinal: integer().notNull(),
    line: integer().notNull(),
    messageKey: bytes('message_key'),
    headers: jsonb().$type<StoredHeader[]>().notNull(),
    /** null is a tombstone. */
    payload: bytes(),
    payloadBytes: integer('payload_bytes').notNull(),
    originDestination: text('origin_destination'),
    correlationId: text('correlation_id'),
  },
  (table) => [primaryKey({ columns: [table.importId, table.ordinal] })],
)
