import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { insertPlanned, requireCluster, toSelection, wishInput } from '#commands/dead-letter/insert-planned.ts'

const input = wishInput.extend({
  ratePerSecond: z.number().min(0.1).max(100_000).default(1_000),
})

/**
 * Asks for a discard: the operation that it creates keeps every message whole in our archive before its source lets go
 * of it. The same request key gives the same operation.
 *
 * @throws Failure `not-found` (cluster), `conflict` (key used for another wish)
 */
export const planDiscard = defineCommand({
  name: 'dead-letter.plan-discard',
  permission: 'operation:plan',
  input,
  run: async ({ database, actor }, wish) => {
    await requireCluster(database, wish.clusterId)
    const { row, isNew } = await insertPlanned(database, actor, {
      ...wish,
      selection: toSelection(wish.selection),
      kind: 'discard',
      target: null,
      canarySize: 0,
    })
    return {
      result: { operationId: row.id, number: row.number, isNew },
      target: `operation:${row.id}`,
      details: { isNew },
    }
  },
})
