import { sql } from 'drizzle-orm'
import {
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
import { PAUSE_KINDS, PAUSE_STANDINGS } from '#domain/pause/pause-lease.ts'

/**
 * A pause that was asked for, with its end. What is asked stands here before anything happens; what was seen of it is
 * written beside it. Times are the database's.
 */
export const pauseLease = pgTable(
  'pause_lease',
  {
    id: uuid().primaryKey().defaultRandom(),
    clusterId: text('cluster_id').notNull(),
    groupName: text('group_name').notNull(),
    kind: text({ enum: PAUSE_KINDS }).notNull(),
    reason: text().notNull(),
    askedByName: text('asked_by_name').notNull(),
    askedAt: timestamp('asked_at', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    /** What the broker had in force before, as its adapter wants it back; recorded before anything is changed. */
    before: jsonb().$type<Record<string, unknown>>(),
    /** When the broker itself had been changed; null for a pause by asking the consumers. */
    heldAt: timestamp('held_at', { withTimezone: true }),
    /** Why the broker could not be changed, or changed back, when it was last tried. */
    problem: text(),
    releaseAskedAt: timestamp('release_asked_at', { withTimezone: true }),
    releasedByName: text('released_by_name'),
    releaseReason: text('release_reason'),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    /** When a position of the group was last seen to move, and when positions were last read. */
    positionMovedAt: timestamp('position_moved_at', { withTimezone: true }),
    positionReadAt: timestamp('position_read_at', { withTimezone: true }),
    standing: text({ enum: PAUSE_STANDINGS }).notNull().default('asked'),
    sentence: text().notNull(),
    /** Whether what is seen is not what was asked: somebody has to look. */
    isAlert: boolean('is_alert').notNull().default(false),
  },
  (table) => [
    uniqueIndex('pause_lease_open')
      .on(table.clusterId, table.groupName)
      .where(sql`${table.endedAt} is null`),
    index().on(table.clusterId, table.groupName, table.askedAt),
    index()
      .on(table.standing)
      .where(sql`${table.standing} <> 'ended'`),
  ],
)

/** What each consumer that listens on the control channel last said of itself. */
export const pauseMember = pgTable(
  'pause_member',
  {
    clusterId: text('cluster_id').notNull(),
    groupName: text('group_name').notNull(),
    /** Made by the consumer, new with every start. */
    memberId: text('member_id').notNull(),
    clientName: text('client_name').notNull(),
    address: text().notNull(),
    state: text({ enum: ['running', 'pausing', 'paused'] }).notNull(),
    /** The pause that it obeys; null while it runs. */
    leaseId: uuid('lease_id'),
    /** Messages that it took and has not finished; null when it does not count them. */
    inFlight: integer('in_flight'),
    problem: text(),
    stateSince: timestamp('state_since', { withTimezone: true }).notNull().defaultNow(),
    reportedAt: timestamp('reported_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.groupName, table.memberId] }),
    index().on(table.reportedAt),
  ],
)
