import { index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { ConnectorAct } from '#domain/connect/connector.ts'
import type { ResetPlan } from '#domain/reset/reset-plan.ts'

export type ConsumerActionKind = 'reset-offsets' | 'undo-reset' | 'control-connector'

/**
 * What somebody wants done to consumers on a broker, at once and in one step: planned (resets alone), asked for, carried
 * out by a collector. What is planned and never asked for is forgotten; the rest is the record that an undo goes by.
 */
export const consumerAction = pgTable(
  'consumer_action',
  {
    id: uuid().primaryKey(),
    /** Chosen by the client once per wish: the same key never makes two. */
    requestKey: uuid('request_key').notNull().unique(),
    kind: text().$type<ConsumerActionKind>().notNull(),
    clusterId: text('cluster_id').notNull(),
    /** A group, or a connector. */
    subject: text().notNull(),
    /** null for connectors. */
    destination: text(),
    /** Frozen when it was made: what was shown is what is done. */
    plan: jsonb().$type<ResetPlan | ConnectorAct>().notNull(),
    /** SHA-256 of what of the plan is carried out, in hex; of a reset. */
    planHash: text('plan_hash'),
    /** The reset that this one takes back. */
    undoOf: uuid('undo_of'),
    /** `partly`: done on some lanes, refused on others. `unknown`: it may have been done, and nobody can tell. */
    state: text({ enum: ['planned', 'asked', 'done', 'partly', 'refused', 'failed', 'unknown'] }).notNull(),
    /** How it ended, in one sentence. */
    outcome: text(),
    /** What was there before and is needed to restore it, where the plan does not hold it: offsets of a connector. */
    before: jsonb().$type<Record<string, unknown>>(),
    reason: text(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    askedAt: timestamp('asked_at', { withTimezone: true }),
    /** A collector is at it until then; afterwards another one may take it. */
    claimedUntil: timestamp('claimed_until', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (table) => [
    index().on(table.clusterId, table.subject, table.createdAt),
    index('consumer_action_waiting').on(table.state, table.askedAt),
    index().on(table.endedAt),
  ],
)
