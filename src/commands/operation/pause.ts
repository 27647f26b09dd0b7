import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { changeIntent, lockOperation } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import { ACTIVE_STATES, type OperationState } from '#domain/operation/operation-state.ts'

const input = z.object({ operationId: z.uuid(), reason: z.string().trim().min(1).max(500) })

/**
 * Asks for a pause: nothing more is claimed from now on, what is being sent is seen through, then the state follows.
 *
 * @throws Failure `conflict` when it is not under way or is being cancelled
 */
export const pauseOperation = defineCommand({
  name: 'operation.pause',
  permission: 'operation:run',
  input,
  run: async ({ database, actor }, { operationId, reason }) => {
    const row = await lockOperation(database, operationId)
    if (!(ACTIVE_STATES as readonly OperationState[]).includes(row.state)) {
      throw new Failure('conflict', `the operation is ${row.state}: there is nothing to pause`)
    }
    if (row.intent === 'cancel') throw new Failure('conflict', 'the operation is being cancelled')
    await changeIntent(database, { id: row.id, intent: 'pause', reason, byName: actor.name })
    return { result: { state: row.state, intent: 'pause' as const }, target: `operation:${row.id}` }
  },
})
