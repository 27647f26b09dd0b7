import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { cluster } from '#db/schema/cluster.ts'
import { insertOperation, notifyOperation, type OperationRow } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import type { RedriveSelection } from '#domain/operation/redrive-plan.ts'

const input = z.object({
  /** Chosen by the client once per wish: the same key never makes two operations. */
  requestKey: z.uuid(),
  clusterId: z.string().min(1),
  /** The dead-letter place. */
  source: z.string().min(1),
  selection: z
    .object({
      fingerprint: z.string().min(1).optional(),
      ids: z.array(z.number().int().positive()).min(1).max(10_000).optional(),
    })
    .refine(({ fingerprint, ids }) => fingerprint !== undefined || ids !== undefined, 'an empty selection is refused'),
  reason: z.string().trim().min(3).max(500),
  ratePerSecond: z.number().min(0.1).max(100_000).default(10),
  canarySize: z.number().int().min(0).max(1_000).default(10),
  /** `origin`, or the name of another destination for all of them. */
  target: z.string().min(1).default('origin'),
})

/**
 * Asks for a redrive: creates the operation in `planning`; a collector freezes the manifest and makes the dry run.
 * The same request key gives the same operation.
 *
 * @throws Failure `not-found` (cluster), `invalid` (target is the source), `conflict` (key used for another wish)
 */
export const planRedrive = defineCommand({
  name: 'dead-letter.plan-redrive',
  permission: 'operation:plan',
  input,
  run: async ({ database, actor }, wish) => {
    if (wish.target === wish.source) throw new Failure('invalid', 'the target is the dead-letter place itself')
    const [known] = await database
      .select({ removedAt: cluster.removedAt })
      .from(cluster)
      .where(eq(cluster.id, wish.clusterId))
    if (!known || known.removedAt !== null) throw new Failure('not-found', `there is no cluster ${wish.clusterId}`)
    const selection: RedriveSelection = {
      fingerprint: wish.selection.fingerprint ?? null,
      ids: wish.selection.ids ?? null,
    }
    const target = wish.target === 'origin' ? null : wish.target
    const { row, isNew } = await insertOperation(database, {
      id: randomUUID(),
      kind: 'redrive',
      clusterId: wish.clusterId,
      source: wish.source,
      target,
      requestKey: wish.requestKey,
      createdById: actor.id,
      createdByName: actor.name,
      reason: wish.reason,
      selection,
      ratePerSecond: wish.ratePerSecond,
      canarySize: wish.canarySize,
    })
    if (!isNew && !isSameWish(row, { ...wish, target, selection, actorId: actor.id })) {
      throw new Failure('conflict', 'this request key has been used for another operation')
    }
    if (isNew) await notifyOperation(database, row.id)
    return {
      result: { operationId: row.id, number: row.number, isNew },
      target: `operation:${row.id}`,
      details: { isNew },
    }
  },
})

interface Wish {
  readonly clusterId: string
  readonly source: string
  readonly target: string | null
  readonly selection: RedriveSelection
  readonly actorId: string
}

function isSameWish(row: OperationRow, wish: Wish): boolean {
  return (
    row.clusterId === wish.clusterId &&
    row.source === wish.source &&
    row.target === wish.target &&
    row.createdById === wish.actorId &&
    isDeepStrictEqual(row.selection, wish.selection)
  )
}
