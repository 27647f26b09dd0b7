import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { cluster } from '#db/schema/cluster.ts'
import { insertOperation, notifyOperation, type NewOperation, type OperationRow } from '#db/store/operation-store.ts'
import type { Actor } from '#domain/access/role.ts'
import { isEmptyFilter, letterFilterSchema } from '#domain/dead-letter/letter-filter.ts'
import { Failure } from '#domain/failure.ts'
import type { RedriveSelection } from '#domain/operation/redrive-plan.ts'

/** Which dead letters are meant. An empty selection is refused: "all" is never what somebody forgot to fill in. */
const selectionInput = z
  .object({
    fingerprint: z.string().min(1).optional(),
    ids: z.array(z.number().int().positive()).min(1).max(10_000).optional(),
    filter: letterFilterSchema.refine((filter) => !isEmptyFilter(filter), 'an empty filter is refused').optional(),
  })
  .refine(
    ({ fingerprint, ids, filter }) => fingerprint !== undefined || ids !== undefined || filter !== undefined,
    'an empty selection is refused',
  )

/** What every operation on dead letters is asked with. */
export const wishInput = z.object({
  /** Chosen by the client once per wish: the same key never makes two operations. */
  requestKey: z.uuid(),
  clusterId: z.string().min(1),
  /** The dead-letter place. */
  source: z.string().min(1),
  selection: selectionInput,
  reason: z.string().trim().min(3).max(500),
})

export const toSelection = ({ fingerprint, ids, filter }: z.output<typeof selectionInput>): RedriveSelection => ({
  fingerprint: fingerprint ?? null,
  ids: ids ?? null,
  ...(filter === undefined ? {} : { filter }),
})

/** @throws Failure `not-found` when there is no such cluster (any more) */
export async function requireCluster(database: Database, clusterId: string): Promise<void> {
  const [known] = await database.select({ removedAt: cluster.removedAt }).from(cluster).where(eq(cluster.id, clusterId))
  if (!known || known.removedAt !== null) throw new Failure('not-found', `there is no cluster ${clusterId}`)
}

export type PlannedWish = Omit<NewOperation, 'id' | 'createdById' | 'createdByName'>

/**
 * Creates the operation in `planning` and wakes the collectors; a request key that was used before gives the operation
 * that it made.
 *
 * @throws Failure `conflict` when the key was used for another wish
 */
export async function insertPlanned(
  database: Database,
  actor: Actor,
  wish: PlannedWish,
): Promise<{ readonly row: OperationRow; readonly isNew: boolean }> {
  const created = {
    targetKind: 'origin' as const,
    ...wish,
    id: randomUUID(),
    createdById: actor.id,
    createdByName: actor.name,
  }
  const { row, isNew } = await insertOperation(database, created)
  if (!isNew && !isSameWish(row, created)) {
    throw new Failure('conflict', 'this request key has been used for another operation')
  }
  if (isNew) await notifyOperation(database, row.id)
  return { row, isNew }
}

const SAME = [
  'kind',
  'clusterId',
  'source',
  'target',
  'targetKind',
  'importId',
  'createdById',
  'selection',
  'edit',
] as const

const isSameWish = (row: OperationRow, wish: NewOperation): boolean =>
  SAME.every((part) => isDeepStrictEqual(row[part] ?? null, wish[part] ?? null))
