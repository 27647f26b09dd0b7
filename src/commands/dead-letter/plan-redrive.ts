import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { editInput } from '#commands/dead-letter/edit-input.ts'
import { insertPlanned, requireCluster, toSelection, wishInput } from '#commands/dead-letter/insert-planned.ts'
import { Failure } from '#domain/failure.ts'

const input = wishInput.extend({
  ratePerSecond: z.number().min(0.1).max(100_000).default(10),
  canarySize: z.number().int().min(0).max(1_000).default(10),
  /** What to change of every message before it is sent; the dry run tries it on each of them. */
  edit: editInput.default([]),
  /** Each goes to the retry destination of the group that failed on it, which only that group reads. */
  isRetryTarget: z.boolean().default(false),
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
    if (wish.isRetryTarget && wish.target !== 'origin') {
      throw new Failure('invalid', 'either the retry destinations or one destination')
    }
    await requireCluster(database, wish.clusterId)
    const target = wish.target === 'origin' ? null : wish.target
    const { row, isNew } = await insertPlanned(database, actor, {
      kind: 'redrive',
      clusterId: wish.clusterId,
      source: wish.source,
      target,
      targetKind: wish.isRetryTarget ? 'retry' : target === null ? 'origin' : 'destination',
      requestKey: wish.requestKey,
      reason: wish.reason,
      selection: toSelection(wish.selection),
      ratePerSecond: wish.ratePerSecond,
      canarySize: wish.canarySize,
      edit: wish.edit.length === 0 ? null : wish.edit,
    })
    return {
      result: { operationId: row.id, number: row.number, isNew },
      target: `operation:${row.id}`,
      details: { isNew },
    }
  },
})
