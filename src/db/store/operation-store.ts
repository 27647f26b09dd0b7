import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { operation, operationTransition } from '#db/schema/operation.ts'
import { Failure } from '#domain/failure.ts'
import {
  ACTIVE_STATES,
  canTransition,
  FINAL_STATES,
  type OperationIntent,
  type OperationState,
} from '#domain/operation/operation-state.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'

export type OperationRow = typeof operation.$inferSelect

/** Commands tell collectors on this channel; the payload is the operation's id. */
export const OPERATION_CHANNEL = 'throughline_operation'

export type NewOperation = Pick<
  OperationRow,
  | 'id'
  | 'kind'
  | 'clusterId'
  | 'source'
  | 'target'
  | 'requestKey'
  | 'createdById'
  | 'createdByName'
  | 'reason'
  | 'selection'
  | 'ratePerSecond'
  | 'canarySize'
> & {
  readonly edit?: OperationRow['edit']
  readonly targetKind?: OperationRow['targetKind']
  readonly importId?: OperationRow['importId']
}

/** Creates it in `planning`, or gives the one that this request key has created before. */
export async function insertOperation(
  database: Database,
  created: NewOperation,
): Promise<{ readonly row: OperationRow; readonly isNew: boolean }> {
  const [inserted] = await database
    .insert(operation)
    .values({ ...created, state: 'planning' })
    .onConflictDoNothing({ target: operation.requestKey })
    .returning()
  if (inserted) return { row: inserted, isNew: true }
  const [existing] = await database.select().from(operation).where(eq(operation.requestKey, created.requestKey))
  if (!existing) throw new Failure('internal', 'an operation with this request key is there and cannot be read')
  return { row: existing, isNew: false }
}

/**
 * Keeps others from changing it until the transaction ends; a planner that is filling its manifest is not waited for.
 *
 * @throws Failure `not-found`
 */
export async function lockOperation(database: Database, id: string): Promise<OperationRow> {
  const [row] = await database.select().from(operation).where(eq(operation.id, id)).for('no key update')
  if (!row) throw new Failure('not-found', `there is no operation ${id}`)
  return row
}

export async function readOperation(database: Database, id: string): Promise<OperationRow | null> {
  const [row] = await database.select().from(operation).where(eq(operation.id, id))
  return row ?? null
}

/** The operation that holds a source now, if any. */
export async function findActiveOperation(
  database: Database,
  clusterId: string,
  source: string,
): Promise<OperationRow | null> {
  const [row] = await database
    .select()
    .from(operation)
    .where(
      and(
        eq(operation.clusterId, clusterId),
        eq(operation.source, source),
        inArray(operation.state, [...ACTIVE_STATES]),
      ),
    )
  return row ?? null
}

export interface OperationMove {
  readonly id: string
  readonly from: OperationState
  readonly to: OperationState
  readonly actorName: string
  readonly reason: string | null
  /** Given by the engine: the move happens only while this token is the newest. */
  readonly fencingToken?: number
}

/**
 * Moves an operation along one edge of the state machine and records who and why. False when it was not in `from`
 * any more, or a newer holder has taken over.
 *
 * @throws Failure `internal` for an edge that the state machine does not have
 */
export async function moveOperation(database: Database, move: OperationMove): Promise<boolean> {
  if (!canTransition(move.from, move.to)) {
    throw new Failure('internal', `an operation cannot go from ${move.from} to ${move.to}`)
  }
  const isFinal = (FINAL_STATES as readonly OperationState[]).includes(move.to)
  const isStart = move.to === 'canary' || move.to === 'running'
  const moved = await database
    .update(operation)
    .set({
      state: move.to,
      stateReason: move.reason,
      stateAt: sql`now()`,
      ...(isFinal ? { finishedAt: sql`now()` } : {}),
      ...(isStart ? { startedAt: sql`coalesce(started_at, now())` } : {}),
      ...(isStart && move.from !== 'canary' ? { judgedFrom: sql`now()` } : {}),
    })
    .where(
      and(
        eq(operation.id, move.id),
        eq(operation.state, move.from),
        move.fencingToken === undefined ? undefined : eq(operation.fencingToken, move.fencingToken),
      ),
    )
    .returning({ id: operation.id })
  if (moved.length === 0) return false
  await database.insert(operationTransition).values({
    operationId: move.id,
    fromState: move.from,
    toState: move.to,
    actorName: move.actorName,
    reason: move.reason,
  })
  await notifyOperation(database, move.id)
  return true
}

export interface IntentChange {
  readonly id: string
  readonly intent: OperationIntent
  readonly reason: string | null
  readonly byName: string
}

/** Records what is wanted now; the engine makes the state follow. */
export async function changeIntent(database: Database, change: IntentChange): Promise<void> {
  await database
    .update(operation)
    .set({ intent: change.intent, intentReason: change.reason, intentByName: change.byName })
    .where(eq(operation.id, change.id))
  await notifyOperation(database, change.id)
}

/** Wakes the collectors when the transaction commits. */
export async function notifyOperation(database: Database, id: string): Promise<void> {
  await database.execute(sql`select pg_notify(${OPERATION_CHANNEL}, ${id})`)
}

/** From now on a resume goes on with the rest, whatever the canary has shown. */
export async function setCanarySettled(database: Database, id: string): Promise<void> {
  await database
    .update(operation)
    .set({ canarySettledAt: sql`coalesce(canary_settled_at, now())` })
    .where(eq(operation.id, id))
}

/** What the dry run found; false when the operation is not being planned any more (cancelled meanwhile). */
export async function recordPlan(
  database: Database,
  id: string,
  found: { readonly plan: RedrivePlan; readonly manifestHash: string; readonly itemCount: number },
): Promise<boolean> {
  const updated = await database
    .update(operation)
    .set({ ...found, planProgress: null })
    .where(and(eq(operation.id, id), eq(operation.state, 'planning')))
    .returning({ id: operation.id })
  return updated.length === 1
}
