import { sql } from 'drizzle-orm'
import { pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'

/** Where messages of some destinations carry the id of their flow, before the order of the conventions. */
export const correlationRule = pgTable(
  'correlation_rule',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Empty = of any system. */
    system: text().notNull().default(''),
    /** A name, in which `*` stands for any run of characters. */
    destination: text().notNull(),
    /** Attributes or headers, best first; none = what stands there is no id of a flow. */
    names: text()
      .array()
      .notNull()
      .default(sql`'{}'::text[]`),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull().defaultNow(),
    changedByName: text('changed_by_name').notNull(),
  },
  (table) => [uniqueIndex('correlation_rule_subject').on(table.system, table.destination)],
)
