import { inArray, or, sql, eq, and, isNotNull } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { operation, operationItem } from '#db/schema/operation.ts'
import type { FlowDeadLetter, FlowOperationItem } from '#domain/flow/flow.ts'

const MAX_ROWS = 500

/** How the dead letters of a flow are found. */
export interface DeadLetterSearch {
  readonly flowKey: string
  readonly traceIds: readonly string[]
  /** Where its messages were taken from. Positions begin anew some day, so dead letters before the flow do not count. */
  readonly places: readonly { readonly destination: string; readonly position: string }[]
  readonly fromUs: number
}

export interface FoundDeadLetter {
  readonly letter: FlowDeadLetter
  /** Found by the flow's own id or by the place that it came from, not only by the trace. */
  readonly isNamed: boolean
}

/** A flow's dead letters, by its correlation id, by its traces, or by where the dead message was; the oldest 500. */
export async function listFlowDeadLetters(
  database: Database,
  { flowKey, traceIds, places, fromUs }: DeadLetterSearch,
): Promise<readonly FoundDeadLetter[]> {
  const isFromPlace = sql<boolean>`(${deadLetter.deadAt} >= to_timestamp(${fromUs / 1_000_000}::float8) - interval '1 hour'
    and (${deadLetter.originDestination}, ${deadLetter.originPosition}) in (select * from unnest(
      ${sql.param(places.map(({ destination }) => destination))}::text[],
      ${sql.param(places.map(({ position }) => position))}::text[])))`
  return database
    .select({
      letter: {
        id: sql<string>`${deadLetter.id}::text`,
        clusterId: deadLetter.clusterId,
        destination: deadLetter.destination,
        position: deadLetter.position,
        originDestination: deadLetter.originDestination,
        deadUs: sql<number>`(extract(epoch from ${deadLetter.deadAt}) * 1000000)::float8`,
        exceptionClass: deadLetter.exceptionClass,
        exceptionMessage: deadLetter.exceptionMessage,
        state: deadLetter.state,
        traceId: deadLetter.traceId,
        spanId: deadLetter.spanId,
      },
      isNamed: sql<boolean>`coalesce(${deadLetter.correlationId} = ${flowKey}, false) or coalesce(${isFromPlace}, false)`,
    })
    .from(deadLetter)
    .where(
      or(
        eq(deadLetter.correlationId, flowKey),
        inArray(deadLetter.traceId, [flowKey, ...traceIds]),
        places.length === 0 ? undefined : isFromPlace,
      ),
    )
    .orderBy(deadLetter.deadAt)
    .limit(MAX_ROWS)
}

/** Copies that operations sent into a flow, by correlation id or by the trace that the copy was recorded in. */
export async function listFlowOperationItems(
  database: Database,
  flowKey: string,
  traceIds: readonly string[],
  deadLetterIds: readonly string[],
): Promise<readonly FlowOperationItem[]> {
  const rows = await database
    .select({
      operationId: operation.id,
      operationNumber: operation.number,
      kind: sql<'redrive'>`${operation.kind}`,
      actorName: operation.createdByName,
      reason: operation.reason,
      sentUs: sql<number>`(extract(epoch from coalesce(${operationItem.claimedAt}, ${operationItem.confirmedAt})) * 1000000)::float8`,
      deadLetterId: sql<string | null>`${operationItem.deadLetterId}::text`,
      targetDestination: operationItem.targetDestination,
      targetPosition: operationItem.targetPosition,
      outcome: operationItem.outcome,
      traceId: sql<string>`${operationItem.traceId}`,
      spanId: sql<string>`${operationItem.spanId}`,
    })
    .from(operationItem)
    .innerJoin(operation, eq(operation.id, operationItem.operationId))
    .where(
      and(
        eq(operation.kind, 'redrive'),
        isNotNull(operationItem.traceId),
        isNotNull(operationItem.spanId),
        isNotNull(operationItem.claimedAt),
        or(
          eq(operationItem.correlationId, flowKey),
          inArray(operationItem.traceId, [flowKey, ...traceIds]),
          deadLetterIds.length === 0 ? undefined : inArray(operationItem.deadLetterId, deadLetterIds.map(Number)),
        ),
      ),
    )
    .orderBy(operationItem.claimedAt)
    .limit(MAX_ROWS)
  return rows
}
