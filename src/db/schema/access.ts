import { bigserial, index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes } from '#db/bytes.ts'

export const person = pgTable('person', {
  id: uuid().primaryKey().defaultRandom(),
  login: text().notNull().unique(),
  name: text().notNull(),
  role: text({ enum: ['viewer', 'operator', 'approver', 'admin'] }).notNull(),
  passwordHash: text('password_hash').notNull(),
  /** Set while the one-time password of the first start is still in use. */
  passwordExpiredAt: timestamp('password_expired_at', { withTimezone: true }),
  disabledAt: timestamp('disabled_at', { withTimezone: true }),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

export const session = pgTable(
  'session',
  {
    /** SHA-256 of the opaque token; the token itself is only in the cookie. */
    tokenHash: bytes('token_hash').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => person.id, { onDelete: 'cascade' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [index().on(table.personId)],
)

/** One row per attempt, counted over a window: login attempts by account and by address. */
export const loginAttempt = pgTable(
  'login_attempt',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    subject: text().notNull(),
    attemptedAt: timestamp('attempted_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index().on(table.subject, table.attemptedAt)],
)

/** Append only: a trigger refuses UPDATE and DELETE. Written in the transaction of the verb that it records. */
export const auditEntry = pgTable(
  'audit_entry',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    actorKind: text('actor_kind', { enum: ['person', 'system'] }).notNull(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    verb: text().notNull(),
    /** What it was done to: `operation:<id>`, `cluster:<id>`, ... */
    target: text().notNull(),
    outcome: text({ enum: ['allowed', 'denied', 'failed'] }).notNull(),
    /** Input without secrets and payloads, plus what changed. */
    details: jsonb().$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index().on(table.target, table.at), index().on(table.at)],
)
