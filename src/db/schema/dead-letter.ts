import { sql } from 'drizzle-orm'
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
    // Beside these there is dead_letter_key over the first 64 bytes of the key. None has INCLUDE: such an index keeps equal
    // entries apart, fills and splits its pages sooner, and made a change of state a third dearer.
    index('dead_letter_group').on(table.state, table.fingerprint, table.deadAt, table.id, table.clusterId),
    index().on(table.state, table.deadAt, table.id),
    index().on(table.state, table.destination, table.deadAt, table.id),
    index().on(table.state, table.originDestination, table.deadAt, table.id),
    index().on(table.clusterId, table.destination, table.state, table.id),
    // Every change of state writes into all of these anew, and many equal values (none) are what costs most.
    index()
      .on(table.correlationId)
      .where(sql`correlation_id is not null`),
    index()
      .on(table.traceId)
      .where(sql`trace_id is not null`),
    index('dead_letter_return')
      .on(table.returnOfOperationId, table.returnOfItem)
      .where(sql`return_of_operation_id is not null`),
    index('dead_letter_group_expiry')
      .on(table.state, table.clusterId, table.destination, table.fingerprint, table.expiresAt)
      .where(sql`expires_at is not null`),
  ],
)

/** How many dead letters there are of a failure group, by all that the inbox tells them apart by. */
const tallyColumns = {
  state: text({ enum: ['open', 'redriven', 'discarded', 'expired'] }).notNull(),
  fingerprint: text().notNull(),
  clusterId: text('cluster_id').notNull(),
  destination: text().notNull(),
  /** Empty = not known, as in the next. */
  originDestination: text('origin_destination').notNull(),
  consumerGroup: text('consumer_group').notNull(),
  /** Of the death, in whole hours since the epoch. */
  deadHour: integer('dead_hour').notNull(),
  letterCount: integer('letter_count').notNull(),
} as const

/**
 * The sums up to the last folding; with those of {@link deadLetterTallyChange} they are exact in every snapshot. Triggers
 * on dead_letter write the changes, so that no statement can forget them.
 */
export const deadLetterTally = pgTable('dead_letter_tally', tallyColumns, (table) => [
  primaryKey({
    name: 'dead_letter_tally_key',
    columns: [
      table.state,
      table.fingerprint,
      table.clusterId,
      table.destination,
      table.originDestination,
      table.consumerGroup,
      table.deadHour,
    ],
  }),
])

/** What transactions added and took away since the last folding. Only ever inserted, so that no writer waits for another. */
export const deadLetterTallyChange = pgTable('dead_letter_tally_change', tallyColumns)

/**
 * Who was seen failing on a dead letter: the failing span, looked for during some minutes because spans come late, or a
 * header of the message that names a version. Only a few letters of a failure group are looked at in a flood.
 */
export const deadLetterWitness = pgTable(
  'dead_letter_witness',
  {
    deadLetterId: bigint('dead_letter_id', { mode: 'number' }).primaryKey(),
    /** Of the dead letter, kept here so that the versions of a group are one index away. */
    fingerprint: text().notNull(),
    deadAt: timestamp('dead_at', { withTimezone: true }).notNull(),
    /** The message names no reason: what the span says becomes its reason. */
    lacksReason: boolean('lacks_reason').notNull(),
    /** When to look (again); null = found, or given up. */
    dueAt: timestamp('due_at', { withTimezone: true }),
    tryCount: integer('try_count').notNull().default(0),
    /** How it is known; null = not known (yet). */
    foundBy: text('found_by', { enum: ['trace-parent', 'message-id', 'position', 'header'] }),
    traceId: text('trace_id'),
    spanId: text('span_id'),
    service: text(),
    serviceVersion: text('service_version'),
    /** Exception and frame of the dead letter are the span's. */
    isReasonTaken: boolean('is_reason_taken').notNull().default(false),
  },
  (table) => [
    index()
      .on(table.lacksReason, table.dueAt)
      .where(sql`due_at is not null`),
    index('dead_letter_witness_version').on(table.fingerprint, table.service, table.serviceVersion, table.deadAt),
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
