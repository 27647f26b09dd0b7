import { and, eq, ne, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { correlationRule } from '#db/schema/correlation.ts'
import { type CorrelationRule, MAX_CORRELATION_RULES, orderRules } from '#domain/trace/correlation-rule.ts'

export interface StoredRule extends CorrelationRule {
  readonly id: string
  readonly changedAtMs: number
  readonly changedByName: string
}

const columns = {
  id: correlationRule.id,
  system: sql<string | null>`nullif(${correlationRule.system}, '')`,
  destination: correlationRule.destination,
  names: correlationRule.names,
  changedAtMs: epochMs(correlationRule.changedAt),
  changedByName: correlationRule.changedByName,
}

/** All rules, the most specific first. */
export async function listCorrelationRules(database: Database): Promise<readonly StoredRule[]> {
  return orderRules(await database.select(columns).from(correlationRule).limit(MAX_CORRELATION_RULES))
}

export async function findCorrelationRule(database: Database, id: string): Promise<StoredRule | null> {
  const [row] = await database.select(columns).from(correlationRule).where(eq(correlationRule.id, id))
  return row ?? null
}

/** Keeps two people from adding the last rule that there is room for at once. @returns how many there are */
export async function lockCorrelationRules(database: Database): Promise<number> {
  await database.execute(sql`lock table ${correlationRule} in share row exclusive mode`)
  return database.$count(correlationRule)
}

/** Whether another rule is for exactly the same messages. */
export async function hasRivalRule(
  database: Database,
  { system, destination }: CorrelationRule,
  ownId: string | null,
): Promise<boolean> {
  const count = await database.$count(
    correlationRule,
    and(
      eq(correlationRule.system, system ?? ''),
      eq(correlationRule.destination, destination),
      ownId === null ? undefined : ne(correlationRule.id, ownId),
    ),
  )
  return count > 0
}

/** Makes a rule, or with an id makes that rule say this. @returns its id */
export async function saveCorrelationRule(
  database: Database,
  rule: CorrelationRule,
  id: string | null,
  byName: string,
): Promise<string> {
  const values = {
    system: rule.system ?? '',
    destination: rule.destination,
    names: [...rule.names],
    changedAt: sql`now()`,
    changedByName: byName,
  }
  const [saved] =
    id === null
      ? await database.insert(correlationRule).values(values).returning({ id: correlationRule.id })
      : await database
          .update(correlationRule)
          .set(values)
          .where(eq(correlationRule.id, id))
          .returning({ id: correlationRule.id })
  return saved?.id ?? ''
}

export async function deleteCorrelationRule(database: Database, id: string): Promise<void> {
  await database.delete(correlationRule).where(eq(correlationRule.id, id))
}
