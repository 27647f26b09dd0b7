import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { changeIntent, lockOperation, moveOperation } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import { FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'

const input = z.object({ operationId: z.uuid(), reason: z.string().trim().min(1).max(500) })

/**
 * Ends an operation for good; what was sent stays sent. One that has not been started ends at once, one under way as
 * soon as what is being sent is seen through.
 *
 * @throws Failure `conflict` when it is over
 */
export const cancelOperation = defineCommand({
  name: 'operation.cancel',
  permission: 'operation:run',
  input,
  run: async ({ database, actor }, { operationId, reason }) => {
    const row = await lockOperation(database, operationId)
    if ((FINAL_STATES as readonly OperationState[]).includes(row.state)) {
      throw new Failure('conflict', `the operation is already ${row.state}`)
    }
    await changeIntent(database, { id: row.id, intent: 'cancel', reason, byName: actor.name })
    if (row.state === 'planning' || row.state === 'planned') {
      await moveOperation(database, { id: row.id, from: row.state, to: 'cancelled', actorName: actor.name, reason })
      return { result: { state: 'cancelled' as OperationState }, target: `operation:${row.id}` }
    }
    return { result: { state: row.state }, target: `operation:${row.id}` }
  },
})
