import { and, asc, desc, eq, gt, inArray, lt, sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { operation, operationItem, operationTransition } from '#db/schema/operation.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { countItems, type ItemTally, type OperationCounts } from '#domain/operation/operation-counts.ts'
import type { ItemOutcome, ItemState, OperationState } from '#domain/operation/operation-state.ts'

export type OperationItemRow = typeof operationItem.$inferSelect
export type OperationTransitionRow = typeof operationTransition.$inferSelect

export interface OperationView {
  readonly operation: OperationRow
  readonly counts: OperationCounts
}

export interface OperationListQuery {
  readonly clusterId: string | null
  /** Empty = every state. */
  readonly states: readonly OperationState[]
  readonly limit: number
  /** Continue after the operation with this number; null = the newest. */
  readonly afterNumber: number | null
}

/** Newest first, one keyset page, with the counts of each. */
export async function listOperations(database: Database, query: OperationListQuery): Promise<readonly OperationView[]> {
  const rows = await database
    .select()
    .from(operation)
    .where(
      and(
        query.clusterId === null ? undefined : eq(operation.clusterId, query.clusterId),
        query.states.length === 0 ? undefined : inArray(operation.state, [...query.states]),
        query.afterNumber === null ? undefined : lt(operation.number, query.afterNumber),
      ),
    )
    .orderBy(desc(operation.number))
    .limit(query.limit)
  const counts = await countItemsOf(
    database,
    rows.map((row) => row.id),
  )
  return rows.map((row) => ({ operation: row, counts: counts.get(row.id) ?? countItems([]) }))
}

/** null when there is no such operation. */
export async function readOperationView(database: Database, id: string): Promise<OperationView | null> {
  const [row] = await database.select().from(operation).where(eq(operation.id, id))
  if (!row) return null
  return { operation: row, counts: (await countItemsOf(database, [id])).get(id) ?? countItems([]) }
}

export async function countItemsOf(
  database: Database,
  operationIds: readonly string[],
): Promise<ReadonlyMap<string, OperationCounts>> {
  if (operationIds.length === 0) return new Map()
  const rows = await database
    .select({
      operationId: operationItem.operationId,
      state: operationItem.state,
      outcome: operationItem.outcome,
      count: sql<number>`count(*)::int`,
      repeatedSends: sql<number>`coalesce(sum(greatest(${operationItem.sendCount} - 1, 0)), 0)::int`,
    })
    .from(operationItem)
    .where(inArray(operationItem.operationId, [...operationIds]))
    .groupBy(operationItem.operationId, operationItem.state, operationItem.outcome)
  const tallies = new Map<string, ItemTally[]>(operationIds.map((id) => [id, []]))
  for (const row of rows) tallies.get(row.operationId)?.push(row)
  return new Map([...tallies].map(([id, tally]) => [id, countItems(tally)]))
}

export interface ItemListQuery {
  readonly operationId: string
  readonly states: readonly ItemState[]
  readonly outcomes: readonly ItemOutcome[]
  readonly limit: number
  /** Continue after this ordinal; null = the first. */
  readonly afterOrdinal: number | null
}

/** In the order of the manifest, one keyset page. Empty filters mean all. */
export async function listOperationItems(
  database: Database,
  query: ItemListQuery,
): Promise<readonly OperationItemRow[]> {
  const conditions: (SQL | undefined)[] = [
    eq(operationItem.operationId, query.operationId),
    query.states.length === 0 ? undefined : inArray(operationItem.state, [...query.states]),
    query.outcomes.length === 0 ? undefined : inArray(operationItem.outcome, [...query.outcomes]),
    query.afterOrdinal === null ? undefined : gt(operationItem.ordinal, query.afterOrdinal),
  ]
  return database
    .select()
    .from(operationItem)
    .where(and(...conditions))
    .orderBy(asc(operationItem.ordinal))
    .limit(query.limit)
}

/** Every move of an operation, oldest first. An operation has few; the bound is a safeguard. */
export async function listTransitions(
  database: Database,
  operationId: string,
): Promise<readonly OperationTransitionRow[]> {
  return database
    .select()
    .from(operationTransition)
    .where(eq(operationTransition.operationId, operationId))
    .orderBy(asc(operationTransition.id))
    .limit(1_000)
}
