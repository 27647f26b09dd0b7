import { desc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { operation, operationItem } from '#db/schema/operation.ts'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import type { ItemOutcome, ItemState, OperationState } from '#domain/operation/operation-state.ts'

/** One operation that took a dead letter along, and what became of the copy. */
export interface Redrive {
  readonly operationId: string
  readonly operationNumber: number
  readonly kind: OperationKind
  readonly operationState: OperationState
  readonly actorName: string
  readonly reason: string
  readonly createdAtMs: number
  readonly ordinal: number
  readonly itemState: ItemState
  readonly outcome: ItemOutcome
  readonly outcomeEvidence: string | null
  readonly targetDestination: string
  readonly targetPosition: string | null
  readonly confirmedAtMs: number | null
}

/** Newest first, at most 50. */
export async function listRedrivesOfDeadLetter(database: Database, deadLetterId: string): Promise<readonly Redrive[]> {
  return database
    .select({
      operationId: operation.id,
      operationNumber: operation.number,
      kind: operation.kind,
      operationState: operation.state,
      actorName: operation.createdByName,
      reason: operation.reason,
      createdAtMs: epochMs(operation.createdAt),
      ordinal: operationItem.ordinal,
      itemState: operationItem.state,
      outcome: operationItem.outcome,
      outcomeEvidence: operationItem.outcomeEvidence,
      targetDestination: operationItem.targetDestination,
      targetPosition: operationItem.targetPosition,
      confirmedAtMs: sql<number | null>`${epochMs(operationItem.confirmedAt)}`,
    })
    .from(operationItem)
    .innerJoin(operation, eq(operation.id, operationItem.operationId))
    .where(eq(operationItem.deadLetterId, Number(deadLetterId)))
    .orderBy(desc(operation.number))
    .limit(50)
}
