import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { bytes } from '#db/bytes.ts'
import type { LagProof } from '#domain/lag/lag-evaluation.ts'
import { type AgeMethod, type DrainOutlook, LAG_STATES, type LossCause } from '#domain/lag/lag-status.ts'

const STATES = LAG_STATES.map((state) => `'${state}'`).join(', ')

/** Place of a state among all, the most severe first; without parameters, as an index wants it. */
export const lagSeverity = (column: '"state"' | '"group_lag"."state"') =>
  sql.raw(`array_position(array[${STATES}]::text[], ${column})`)

export const cluster = pgTable('cluster', {
  /** A slug that people choose: `prod-eu`. */
  id: text().primaryKey(),
  kind: text({ enum: ['kafka', 'pgqueue', 'rabbitmq', 'sqs'] }).notNull(),
  name: text().notNull(),
  environment: text().notNull().default('development'),
  /** Typed per kind by the adapter's own schema; never a secret. */
  configuration: jsonb().$type<Record<string, unknown>>().notNull(),
  /** Sealed with the collector's key (AES-256-GCM, cluster id as associated data); the web process cannot open it. */
  sealedSecret: bytes('sealed_secret'),
  /** The installation's own id, to notice a replaced broker. */
  brokerIdentity: text('broker_identity'),
  status: text({ enum: ['unknown', 'connected', 'degraded', 'unreachable'] })
    .notNull()
    .default('unknown'),
  statusReason: text('status_reason'),
  statusAt: timestamp('status_at', { withTimezone: true }),
  /** What the adapter can do, from the facets that it has; and what could not be read, with the reason. */
  capabilities: jsonb()
    .$type<Record<string, unknown>>()
    .notNull()
    .default(sql`'{}'::jsonb`),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  removedAt: timestamp('removed_at', { withTimezone: true }),
})

/** Work shared by leases: whoever holds the row acts; every act carries the fencing token. Times are the database's. */
export const lease = pgTable('lease', {
  name: text().primaryKey(),
  holder: text().notNull(),
  fencingToken: bigint('fencing_token', { mode: 'number' }).notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
})

export const destination = pgTable(
  'destination',
  {
    clusterId: text('cluster_id').notNull(),
    name: text().notNull(),
    kind: text({ enum: ['topic', 'queue', 'stream'] }).notNull(),
    isInternal: boolean('is_internal').notNull().default(false),
    lanes: jsonb().$type<string[]>().notNull(),
    retentionMs: bigint('retention_ms', { mode: 'number' }),
    settings: jsonb().$type<Record<string, string | null>>().notNull(),
    /** Set when dead letters land here: how that was found, and whose they are. */
    deadLetterFoundBy: text('dead_letter_found_by'),
    deadLetterEvidence: text('dead_letter_evidence'),
    deadLetterOrigin: text('dead_letter_origin'),
    seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
    /** Absent in two inventories in a row. */
    goneAt: timestamp('gone_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.clusterId, table.name] })],
)

export const consumerGroup = pgTable(
  'consumer_group',
  {
    clusterId: text('cluster_id').notNull(),
    name: text().notNull(),
    state: text().notNull(),
    protocol: text(),
    /** null = could not be read. */
    members: jsonb().$type<unknown[] | null>(),
    seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
    goneAt: timestamp('gone_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.clusterId, table.name] })],
)

/** The latest verdict per group and destination: what the Consumers page lists. */
export const groupLag = pgTable(
  'group_lag',
  {
    clusterId: text('cluster_id').notNull(),
    groupName: text('group_name').notNull(),
    destination: text().notNull(),
    state: text().notNull(),
    sentence: text().notNull(),
    lagMessages: bigint('lag_messages', { mode: 'number' }),
    lostMessages: bigint('lost_messages', { mode: 'number' }).notNull(),
    timeBehindMs: doublePrecision('time_behind_ms'),
    timeBehindErrorMs: doublePrecision('time_behind_error_ms'),
    drainPerSecond: doublePrecision('drain_per_second'),
    drainsInMs: doublePrecision('drains_in_ms'),
    firstLossInMs: doublePrecision('first_loss_in_ms'),
    timeBehindMethod: text('time_behind_method').$type<AgeMethod>(),
    drainOutlook: text('drain_outlook').$type<DrainOutlook>().notNull().default('unknown'),
    /** The band around `drains_in_ms` in which the truth lies four times out of five. */
    drainsLowMs: doublePrecision('drains_low_ms'),
    drainsHighMs: doublePrecision('drains_high_ms'),
    lossCause: text('loss_cause').$type<LossCause>(),
    lossIfStoppedInMs: doublePrecision('loss_if_stopped_in_ms'),
    /** Whether somebody asked for the state: nobody has to be woken. */
    isExpected: boolean('is_expected').notNull().default(false),
    isApproximate: boolean('is_approximate').notNull().default(false),
    /** The readings that prove the state, newest first. */
    proof: jsonb()
      .$type<LagProof[]>()
      .notNull()
      .default(sql`'[]'::jsonb`),
    lanes: jsonb().$type<unknown[]>().notNull(),
    /** When the state last changed. */
    stateSince: timestamp('state_since', { withTimezone: true }).notNull(),
    asOf: timestamp('as_of', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.groupName, table.destination] }),
    // The order of the list, so that its first page is read and not sorted out of all groups.
    index('group_lag_severity').on(lagSeverity('"state"'), table.firstLossInMs, table.groupName),
  ],
)

/** Poll history; written only when something changed or a minute passed, kept for a day. */
export const lagSample = pgTable(
  'lag_sample',
  {
    clusterId: text('cluster_id').notNull(),
    groupName: text('group_name').notNull(),
    destination: text().notNull(),
    lane: text().notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
    committed: bigint({ mode: 'number' }),
    endPosition: bigint('end_position', { mode: 'number' }).notNull(),
    startPosition: bigint('start_position', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.clusterId, table.groupName, table.destination, table.lane, table.at] }),
    index().on(table.at),
  ],
)

/** What happened to a group: its states over time, rebalances, steps back, resets of ours, the end of its watching. */
export const consumerEvent = pgTable(
  'consumer_event',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    clusterId: text('cluster_id').notNull(),
    groupName: text('group_name').notNull(),
    /** null = the group as a whole. */
    destination: text(),
    at: timestamp({ withTimezone: true }).notNull(),
    kind: text({ enum: ['state', 'rebalance', 'rewind', 'reset', 'gone'] }).notNull(),
    /** The state that began; null for what is no state. */
    state: text(),
    /** One sentence for a person. */
    sentence: text().notNull(),
  },
  (table) => [index().on(table.clusterId, table.groupName, table.at), index().on(table.at)],
)

/** Every poll measured: what it took and how it ended, so that "as of" can be said everywhere. */
export const pollCycle = pgTable(
  'poll_cycle',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    clusterId: text('cluster_id').notNull(),
    kind: text({ enum: ['inventory', 'lag', 'dead-letters'] }).notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    durationMs: doublePrecision('duration_ms').notNull(),
    outcome: text({ enum: ['ok', 'partial', 'failed'] }).notNull(),
    reason: text(),
    itemCount: integer('item_count').notNull(),
  },
  (table) => [index().on(table.clusterId, table.kind, table.startedAt)],
)
