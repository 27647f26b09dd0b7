import { and, asc, desc, eq, gt, inArray, lt, sql, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { cutPage, decodeCursor } from '#db/page-cursor.ts'
import { countItemsOf } from '#db/store/operation-view-store.ts'
import { operation, operationItem, operationTransition } from '#db/schema/operation.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import {
  ITEM_STATES,
  type ItemOutcome,
  type ItemState,
  type OperationIntent,
  type OperationState,
} from '#domain/operation/operation-state.ts'
import { countItems, type OperationCounts } from '#domain/operation/operation-counts.ts'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import type { PlanProgress } from '#domain/operation/plan-progress.ts'
import type { RedrivePlan, RedriveSelection } from '#domain/operation/redrive-plan.ts'
import type { TargetKind } from '#domain/operation/target-kind.ts'

export interface OperationSummary {
  readonly id: string
  /** For people: `op-412`. */
  readonly number: number
  readonly kind: OperationKind
  readonly state: OperationState
  readonly stateReason: string | null
  readonly stateAtMs: number
  readonly intent: OperationIntent
  readonly clusterId: string
  readonly source: string
  readonly selection: RedriveSelection
  /** One destination for all; null where each message has its own, found as `targetKind` says. */
  readonly target: string | null
  readonly targetKind: TargetKind
  readonly reason: string
  readonly createdById: string
  readonly createdByName: string
  readonly createdAtMs: number
  readonly startedAtMs: number | null
  readonly finishedAtMs: number | null
  readonly itemCount: number
  /** The cap, in messages/s. */
  readonly ratePerSecond: number
  /** What it yields to live traffic down to, in messages/s, and why; null = it goes at the cap. */
  readonly yieldedRate: number | null
  readonly yieldReason: string | null
  /** How far the dry run is; null before and after it. */
  readonly planProgress: PlanProgress | null
  readonly canarySize: number
}

export interface OperationTransitionRow {
  readonly atMs: number
  readonly fromState: string
  readonly toState: string
  readonly actorName: string
  readonly reason: string | null
}

export interface OperationDetail extends OperationSummary {
  /** null until the dry run is through. */
  readonly plan: RedrivePlan | null
  /** To be given to `start`: what is started is the plan that was seen. */
  readonly manifestHash: string | null
  /** What is changed of every message; null = nothing. */
  readonly edit: readonly EditStep[] | null
}

/** An operation in a list. */
export interface CountedOperation extends OperationSummary {
  /** null where the operations of the page hold more items than can be counted at once. */
  readonly counts: OperationCounts | null
}

export interface OperationProgress {
  readonly itemStates: Readonly<Record<ItemState, number>>
  /** Of the confirmed ones. */
  readonly outcomes: Readonly<Record<ItemOutcome, number>>
  /** Confirmed sends over the last ten seconds; null when there were none. */
  readonly ratePerSecond: number | null
}

export interface OperationItemRow {
  readonly ordinal: number
  readonly deadLetterId: string | null
  readonly sourcePosition: string
  readonly targetDestination: string
  readonly targetPosition: string | null
  readonly correlationId: string | null
  readonly state: ItemState
  readonly reason: string | null
  readonly sendCount: number
  readonly claimedAtMs: number | null
  readonly confirmedAtMs: number | null
  readonly removedAtMs: number | null
  readonly traceId: string | null
  readonly outcome: ItemOutcome
  readonly outcomeAtMs: number | null
  readonly outcomeEvidence: string | null
}

const RATE_WINDOW_MS = 10_000
/** Counting walks over the items; a page of many large operations is shown without their counts. */
const MAX_COUNTED_ITEMS = 300_000

const columns = {
  id: operation.id,
  number: operation.number,
  kind: operation.kind,
  state: operation.state,
  stateReason: operation.stateReason,
  stateAtMs: epochMs(operation.stateAt),
  intent: operation.intent,
  clusterId: operation.clusterId,
  source: operation.source,
  selection: operation.selection,
  target: operation.target,
  targetKind: operation.targetKind,
  reason: operation.reason,
  createdById: operation.createdById,
  createdByName: operation.createdByName,
  createdAtMs: epochMs(operation.createdAt),
  startedAtMs: sql<number | null>`${epochMs(operation.startedAt)}`,
  finishedAtMs: sql<number | null>`${epochMs(operation.finishedAt)}`,
  itemCount: operation.itemCount,
  ratePerSecond: operation.ratePerSecond,
  yieldedRate: operation.yieldedRate,
  yieldReason: operation.yieldReason,
  planProgress: operation.planProgress,
  canarySize: operation.canarySize,
}

/** Newest first; the keyset is the running number, which grows with the time of creation. */
export async function listOperations(
  database: Database,
  query: { readonly states: readonly OperationState[] | null; readonly limit: number; readonly cursor: string | null },
): Promise<{ readonly operations: readonly CountedOperation[]; readonly nextCursor: string | null }> {
  const conditions: SQL[] = []
  if (query.states !== null) conditions.push(inArray(operation.state, [...query.states]))
  if (query.cursor !== null) {
    const [number] = decodeCursor(z.tuple([z.number().int()]), query.cursor)
    conditions.push(lt(operation.number, number))
  }
  const rows = await database
    .select(columns)
    .from(operation)
    .where(and(...conditions))
    .orderBy(desc(operation.number))
    .limit(query.limit + 1)
  const page = cutPage(rows, query.limit, (row) => [row.number])
  const counts = await countItemsOf(database, idsWithinBudget(page.rows))
  return {
    operations: page.rows.map((row) => ({ ...row, counts: counts.get(row.id) ?? null })),
    nextCursor: page.nextCursor,
  }
}

function idsWithinBudget(rows: readonly { readonly id: string; readonly itemCount: number }[]): readonly string[] {
  let itemCount = 0
  return rows.filter((row) => (itemCount += row.itemCount) <= MAX_COUNTED_ITEMS).map((row) => row.id)
}

/** null when there is no such operation. */
export async function findOperationRow(database: Database, id: string): Promise<OperationDetail | null> {
  const [row] = await database
    .select({ ...columns, plan: operation.plan, manifestHash: operation.manifestHash, edit: operation.edit })
    .from(operation)
    .where(eq(operation.id, id))
    .limit(1)
  return row ?? null
}

export async function listOperationTransitions(
  database: Database,
  operationId: string,
): Promise<readonly OperationTransitionRow[]> {
  return database
    .select({
      atMs: epochMs(operationTransition.at),
      fromState: operationTransition.fromState,
      toState: operationTransition.toState,
      actorName: operationTransition.actorName,
      reason: operationTransition.reason,
    })
    .from(operationTransition)
    .where(eq(operationTransition.operationId, operationId))
    .orderBy(asc(operationTransition.at), asc(operationTransition.id))
    .limit(500)
}

/** Counts over the whole ledger of one operation, in one walk. */
export async function readOperationProgress(
  database: Database,
  operationId: string,
  nowMs: number,
): Promise<OperationProgress> {
  const groups = await database
    .select({
      state: operationItem.state,
      outcome: operationItem.outcome,
      count: sql<number>`count(*)::int`,
      recentCount: sql<number>`(count(*) filter (where ${operationItem.confirmedAt} > to_timestamp(${nowMs - RATE_WINDOW_MS}::float8 / 1000)))::int`,
    })
    .from(operationItem)
    .where(eq(operationItem.operationId, operationId))
    .groupBy(operationItem.state, operationItem.outcome)
  const { outcomes } = countItems(groups.map((group) => ({ ...group, repeatedSends: 0 })))
  const itemStates = Object.fromEntries(ITEM_STATES.map((state) => [state, 0])) as Record<ItemState, number>
  for (const group of groups) itemStates[group.state] += group.count
  const recentCount = groups.reduce((sum, group) => sum + group.recentCount, 0)
  return {
    itemStates,
    outcomes,
    ratePerSecond: recentCount > 0 ? (recentCount * 1000) / RATE_WINDOW_MS : null,
  }
}

export async function listOperationItems(
  database: Database,
  query: {
    readonly operationId: string
    readonly state: ItemState | null
    readonly outcome: ItemOutcome | null
    readonly limit: number
    readonly cursor: string | null
  },
): Promise<{ readonly items: readonly OperationItemRow[]; readonly nextCursor: string | null }> {
  const conditions: SQL[] = [eq(operationItem.operationId, query.operationId)]
  if (query.state !== null) conditions.push(eq(operationItem.state, query.state))
  if (query.outcome !== null) conditions.push(eq(operationItem.outcome, query.outcome))
  if (query.cursor !== null) {
    const [ordinal] = decodeCursor(z.tuple([z.number().int()]), query.cursor)
    conditions.push(gt(operationItem.ordinal, ordinal))
  }
  const rows = await database
    .select({
      ordinal: operationItem.ordinal,
      deadLetterId: sql<string | null>`${operationItem.deadLetterId}::text`,
      sourcePosition: operationItem.sourcePosition,
      targetDestination: operationItem.targetDestination,
      targetPosition: operationItem.targetPosition,
      correlationId: operationItem.correlationId,
      state: operationItem.state,
      reason: operationItem.reason,
      sendCount: operationItem.sendCount,
      claimedAtMs: sql<number | null>`${epochMs(operationItem.claimedAt)}`,
      confirmedAtMs: sql<number | null>`${epochMs(operationItem.confirmedAt)}`,
      removedAtMs: sql<number | null>`${epochMs(operationItem.removedAt)}`,
      traceId: operationItem.traceId,
      outcome: operationItem.outcome,
      outcomeAtMs: sql<number | null>`${epochMs(operationItem.outcomeAt)}`,
      outcomeEvidence: operationItem.outcomeEvidence,
    })
    .from(operationItem)
    .where(and(...conditions))
    .orderBy(asc(operationItem.ordinal))
    .limit(query.limit + 1)
  const page = cutPage(rows, query.limit, (row) => [row.ordinal])
  return { items: page.rows, nextCursor: page.nextCursor }
}
