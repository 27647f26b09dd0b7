import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { restoreDeadLetters } from '#db/store/message-archive-store.ts'
import { findActiveOperation } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'

const input = z
  .object({
    /** Everything that this discard took. */
    operationId: z.uuid().optional(),
    /** Or single dead letters. */
    ids: z.array(z.number().int().positive()).min(1).max(10_000).optional(),
    reason: z.string().trim().min(3).max(500),
  })
  .refine(({ operationId, ids }) => (operationId === undefined) !== (ids === undefined), 'either an operation or ids')

/**
 * Opens discarded dead letters again while the archive holds them. Nothing is written to a broker: what its queue has
 * let go of is from now on kept here, and a redrive sends it from the archive.
 *
 * @throws Failure `not-found` when none can be restored, `conflict` while an operation takes from their place
 */
export const restoreDiscarded = defineCommand({
  name: 'dead-letter.restore',
  permission: 'operation:run',
  input,
  run: async ({ database }, { operationId, ids }) => {
    const places = await restoreDeadLetters(database, operationId === undefined ? { ids: ids ?? [] } : { operationId })
    if (places.length === 0) throw new Failure('not-found', 'none of them is discarded and still in the archive')
    for (const { clusterId, destination } of places) {
      const holder = await findActiveOperation(database, clusterId, destination)
      if (holder) {
        throw new Failure('conflict', `op-${holder.number} is taking from ${destination}; restore when it is over`)
      }
    }
    const restoredCount = places.reduce((total, place) => total + place.count, 0)
    return {
      result: { restoredCount },
      target: operationId === undefined ? `dead-letter:${ids?.join(',').slice(0, 200)}` : `operation:${operationId}`,
      details: { restoredCount },
    }
  },
})
