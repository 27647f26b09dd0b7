import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes } from '#db/bytes.ts'

/** One header as stored: `t` when it is clean UTF-8 text, else `b` in base64; both absent = null value. */
export interface StoredHeader {
  readonly n: string
  readonly t?: string
  readonly b?: string
}

export const deadLetter = pgTable(
  'dead_letter',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    clusterId: text('cluster_id').notNull(),
    destination: text().notNull(),
    /** Printed position in the dead-letter place; with cluster and destination it names the message. */
    position: text().notNull(),
    deadAt: timestamp('dead_at', { withTimezone: true }).notNull(),
    indexedAt: timestamp('indexed_at', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    dialect: text().notNull(),
    originDestination: text('origin_destination'),
    originPosition: text('origin_position'),
    consumerGroup: text('consumer_group'),
    attempts: integer(),
    exceptionClass: text('exception_class'),
    exceptionMessage: text('exception_message'),
    stack: text(),
    fingerprint: text().notNull(),
    fingerprintTitle: text('fingerprint_title').notNull(),
    correlationId: text('correlation_id'),
    traceId: text('trace_id'),
    spanId: text('span_id'),
    messageKey: bytes('message_key'),
    headers: jsonb().$type<StoredHeader[]>().notNull(),
    /** The first 64 KiB; `payloadBytes` is the whole size; null payload is a tombstone. */
    payload: bytes(),
    payloadBytes: integer('payload_bytes').notNull(),
    isPayloadCut: boolean('is_payload_cut').notNull().default(false),
    /** How often it had been redriven when it came here (our own header); the loop guard reads it. */
    redriveCount: integer('redrive_count').notNull().default(0),
    /** The operation item whose copy came back, when this dead letter is a return. */
    returnOfOperationId: uuid('return_of_operation_id'),
    returnOfItem: integer('return_of_item'),
    state: text({ enum: ['open', 'redriven', 'discarded', 'expired'] })
      .notNull()
      .default('open'),
    stateAt: timestamp('state_at', { withTimezone: true }),
    stateOperationId: uuid('state_operation_id'),
  },
  (table) => [
    uniqueIndex().on(table.clusterId, table.destination, table.position),
    // Beside these there is dead_letter_group (a migration of its own, as INCLUDE cannot be said here): it answers the
    // failure groups without touching the messages.
    index().on(table.state, table.deadAt, table.id),
    index().on(table.clusterId, table.destination, table.state, table.id),
    index().on(table.correlationId),
    index().on(table.traceId),
    index().on(table.returnOfOperationId, table.returnOfItem),
    index().on(table.deadAt),
  ],
)

/** How far each dead-letter place has been indexed. */
export const deadLetterCursor = pgTable(
  'dead_letter_cursor',
  {
    clusterId: text('cluster_id').notNull(),
    destination: text().notNull(),
    checkpoint: text().notNull(),
    indexedCount: bigint('indexed_count', { mode: 'number' }).notNull().default(0),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.clusterId, table.destination] })],
)
