import {
  bigint,
  bigserial,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'

/**
 * Messages that a group did not take within its expected time. The first ones of a group have a row each; what is beyond
 * that is counted in one row per group and verdict.
 */
export const stuckDelivery = pgTable(
  'stuck_delivery',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    /** Empty when no broker knows the group. */
    clusterId: text('cluster_id').notNull(),
    groupName: text('group_name').notNull(),
    /** Where the group reads, and what the sender calls it. */
    readFrom: text('read_from').notNull(),
    destination: text().notNull(),
    /** `<trace id>:<span id>` of the send, or `more:<verdict>` for the counted rest. */
    subject: text().notNull(),
    system: text().notNull(),
    senderService: text('sender_service').notNull(),
    flowKey: text('flow_key').notNull(),
    traceId: text('trace_id').notNull(),
    spanId: text('span_id').notNull(),
    /** By what its halves are joined beside the span: identity and place, hashed; null when not known. */
    messageHash: text('message_hash'),
    positionHash: text('position_hash'),
    lane: text(),
    position: bigint({ mode: 'number' }),
    verdict: text({ enum: ['waiting', 'passed', 'not-seen'] }).notNull(),
    sentence: text().notNull(),
    advice: text(),
    messageCount: integer('message_count').notNull().default(1),
    expectedMs: doublePrecision('expected_ms').notNull(),
    sentAt: timestamp('sent_at', { withTimezone: true }).notNull(),
    newestSentAt: timestamp('newest_sent_at', { withTimezone: true }).notNull(),
    checkedAt: timestamp('checked_at', { withTimezone: true }).notNull().defaultNow(),
    resolvedAt: timestamp('resolved_at', { withTimezone: true }),
    /** How it ended, in words. */
    resolution: text(),
  },
  (table) => [
    uniqueIndex().on(table.clusterId, table.groupName, table.readFrom, table.subject),
    index()
      .on(table.sentAt, table.id)
      .where(sql`${table.resolvedAt} is null`),
    index()
      .on(table.checkedAt)
      .where(sql`${table.resolvedAt} is null`),
    index().on(table.resolvedAt),
  ],
)

/** How long a group may take to take a message, learnt from the past or set by a person. */
export const deliveryDeadline = pgTable(
  'delivery_deadline',
  {
    readFrom: text('read_from').notNull(),
    groupName: text('group_name').notNull(),
    learntMs: doublePrecision('learnt_ms'),
    setMs: doublePrecision('set_ms'),
    sampleCount: integer('sample_count').notNull().default(0),
    learntAt: timestamp('learnt_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.readFrom, table.groupName] })],
)

/** Up to when messages were looked at, per allowed time: what restarts go on from. */
export const stuckSweep = pgTable('stuck_sweep', {
  expectedMs: bigint('expected_ms', { mode: 'number' }).primaryKey(),
  /** Microseconds since the epoch, by the senders' clocks. */
  sweptToUs: bigint('swept_to_us', { mode: 'number' }).notNull(),
})
