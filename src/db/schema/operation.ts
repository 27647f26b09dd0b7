import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { ITEM_OUTCOMES, ITEM_STATES, OPERATION_STATES } from '#domain/operation/operation-state.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import { OPERATION_KINDS } from '#domain/operation/operation-kind.ts'
import type { PlanProgress } from '#domain/operation/plan-progress.ts'
import { TARGET_KINDS } from '#domain/operation/target-kind.ts'
import type { RedrivePlan, RedriveSelection } from '#domain/operation/redrive-plan.ts'

export const operation = pgTable(
  'operation',
  {
    id: uuid().primaryKey(),
    /** For people: `op-412`. */
    number: serial().notNull(),
    kind: text({ enum: OPERATION_KINDS }).notNull(),
    state: text({ enum: OPERATION_STATES }).notNull(),
    /** Why it is in this state, in words (breaker, failure, a person's reason). */
    stateReason: text('state_reason'),
    stateAt: timestamp('state_at', { withTimezone: true }).notNull().defaultNow(),
    /** What a person last asked for; the engine follows. */
    intent: text({ enum: ['run', 'pause', 'cancel'] })
      .notNull()
      .default('run'),
    intentReason: text('intent_reason'),
    intentByName: text('intent_by_name'),
    clusterId: text('cluster_id').notNull(),
    /** The dead-letter place that it takes from: one active operation per source. */
    source: text().notNull(),
    /** How the target of each message is found. */
    targetKind: text('target_kind', { enum: TARGET_KINDS }).notNull().default('origin'),
    /** The destination of all copies where a person named one; else null. */
    target: text(),
    /** The file that an import takes its messages from; null for what takes them from a broker. */
    importId: uuid('import_id'),
    /** Chosen by the client, so that a double click is one operation. */
    requestKey: text('request_key').notNull(),
    createdById: text('created_by_id').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    reason: text().notNull(),
    /** The selection as asked, frozen. */
    selection: jsonb().$type<RedriveSelection>().notNull(),
    /** What is changed of every message before it is sent; null = nothing. */
    edit: jsonb().$type<readonly EditStep[] | null>(),
    /** What the dry run found: targets, who else sees it, warnings, duration. null until planned. */
    plan: jsonb().$type<RedrivePlan | null>(),
    /** How far the dry run has come; null before and after it. */
    planProgress: jsonb('plan_progress').$type<PlanProgress | null>(),
    /** SHA-256 over the manifest's source positions and targets, in order. */
    manifestHash: text('manifest_hash'),
    itemCount: integer('item_count').notNull().default(0),
    /** The cap, in messages/s. */
    ratePerSecond: doublePrecision('rate_per_second').notNull(),
    /** What it yields to live traffic down to, in messages/s; null = the cap. */
    yieldedRate: doublePrecision('yielded_rate'),
    /** Why it yields, in words; null while it goes at the cap. */
    yieldReason: text('yield_reason'),
    canarySize: integer('canary_size').notNull(),
    /** When the canary was judged good, or a person went on in spite of it. */
    canarySettledAt: timestamp('canary_settled_at', { withTimezone: true }),
    /** Canary and breaker look at what was confirmed since: the last start or resume. */
    judgedFrom: timestamp('judged_from', { withTimezone: true }),
    /** The cap has been used up until here (database time): the next claim waits for it. Nothing unused is saved up. */
    pacedUntil: timestamp('paced_until', { withTimezone: true }),
    startedAt: timestamp('started_at', { withTimezone: true }),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    /** The lease's token under which the engine last wrote; older holders cannot write any more. */
    fencingToken: bigint('fencing_token', { mode: 'number' }).notNull().default(0),
  },
  (table) => [
    uniqueIndex('operation_request_key').on(table.requestKey),
    uniqueIndex('operation_one_active_per_source')
      .on(table.clusterId, table.source)
      .where(sql`state in ('queued', 'canary', 'running', 'paused')`),
    uniqueIndex().on(table.number),
    index().on(table.createdAt),
  ],
)

export const operationItem = pgTable(
  'operation_item',
  {
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operation.id, { onDelete: 'cascade' }),
    ordinal: integer().notNull(),
    deadLetterId: bigint('dead_letter_id', { mode: 'number' }),
    sourcePosition: text('source_position').notNull(),
    targetDestination: text('target_destination').notNull(),
    /** Items of one order key are sent one after the other, in ordinal order. null = no order asked. */
    orderKey: text('order_key'),
    correlationId: text('correlation_id'),
    state: text({ enum: ITEM_STATES }).notNull().default('pending'),
    reason: text(),
    /** Sends begun; more than one means that a crash or an unknown answer may have left a marked duplicate. */
    sendCount: integer('send_count').notNull().default(0),
    targetPosition: text('target_position'),
    claimedAt: timestamp('claimed_at', { withTimezone: true }),
    confirmedAt: timestamp('confirmed_at', { withTimezone: true }),
    removedAt: timestamp('removed_at', { withTimezone: true }),
    /** The span that we record for the copy; its receiver tells the outcome. */
    traceId: text('trace_id'),
    spanId: text('span_id'),
    outcome: text({ enum: ITEM_OUTCOMES }).notNull().default('unknown'),
    outcomeAt: timestamp('outcome_at', { withTimezone: true }),
    /** `span`, `commit` or `return`, and what was seen. */
    outcomeEvidence: text('outcome_evidence'),
  },
  // No index holds the state or what is confirmed: every step of the write protocol stays an update inside its page.
  (table) => [
    primaryKey({ columns: [table.operationId, table.ordinal] }),
    uniqueIndex('operation_item_source').on(table.operationId, table.sourcePosition),
    index().on(table.operationId, table.outcome, table.outcomeAt),
    index()
      .on(table.correlationId)
      .where(sql`correlation_id is not null`),
    index().on(table.deadLetterId),
    index().on(table.traceId, table.spanId),
  ],
)

/**
 * Items that a holder is sending now, as one row per batch: on disk before anything of the batch is sent, gone when the
 * answers are on record. What is left by a holder that died becomes `claimed` when the next one takes over.
 */
export const operationClaim = pgTable(
  'operation_claim',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operation.id, { onDelete: 'cascade' }),
    fencingToken: bigint('fencing_token', { mode: 'number' }).notNull(),
    ordinals: integer().array().notNull(),
    claimedAt: timestamp('claimed_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index().on(table.operationId)],
)

export const operationTransition = pgTable(
  'operation_transition',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operation.id, { onDelete: 'cascade' }),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    fromState: text('from_state').notNull(),
    toState: text('to_state').notNull(),
    actorName: text('actor_name').notNull(),
    reason: text(),
  },
  (table) => [index().on(table.operationId, table.at)],
)

/** That a second person agrees to a plan; it holds for this very plan and no other. */
export const operationApproval = pgTable(
  'operation_approval',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    operationId: uuid('operation_id')
      .notNull()
      .references(() => operation.id, { onDelete: 'cascade' }),
    /** SHA-256 over everything that the operation would do. */
    planHash: text('plan_hash').notNull(),
    byId: text('by_id').notNull(),
    byName: text('by_name').notNull(),
    reason: text().notNull(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** HMAC over all of the above, in hex: a row that was written or changed by hand is no approval. */
    signature: text().notNull().default(''),
    /** How old it is by a collector's monotonic clock, in ms: a database clock that jumps back makes it no younger. */
    agedMs: bigint('aged_ms', { mode: 'number' }).notNull().default(0),
  },
  (table) => [uniqueIndex().on(table.operationId, table.byId, table.planHash)],
)

/** A question of the web process that only a collector can answer (read a live message, test a connection). */
export const collectorRequest = pgTable(
  'collector_request',
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: text({
      enum: [
        'read-message',
        'measure-age',
        'decode-dead-letter',
        'plan-reset',
        'list-connectors',
        'read-connector-offsets',
      ],
    }).notNull(),
    clusterId: text('cluster_id').notNull(),
    question: jsonb().$type<Record<string, unknown>>().notNull(),
    askedAt: timestamp('asked_at', { withTimezone: true }).notNull().defaultNow(),
    answeredAt: timestamp('answered_at', { withTimezone: true }),
    answer: jsonb().$type<Record<string, unknown>>(),
    failure: jsonb().$type<{ code: string; message: string }>(),
  },
  (table) => [index().on(table.answeredAt, table.askedAt)],
)
