import { jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** What administrators have set for the whole installation; a name that is not here has its default. */
export const setting = pgTable('setting', {
  name: text().primaryKey(),
  value: jsonb().$type<Record<string, unknown>>().notNull(),
  changedAt: timestamp('changed_at', { withTimezone: true }).notNull().defaultNow(),
  changedByName: text('changed_by_name').notNull(),
})
