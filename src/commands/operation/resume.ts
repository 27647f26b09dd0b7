import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { changeIntent, lockOperation } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({ operationId: z.uuid(), reason: z.string().trim().max(500).default('') })

/**
 * Asks to go on. After a canary or breaker stop this is the person's decision to go on all the same: what happened
 * before is not held against the operation again.
 *
 * @throws Failure `conflict` when it neither is paused nor is about to be
 */
export const resumeOperation = defineCommand({
  name: 'operation.resume',
  permission: 'operation:run',
  input,
  run: async ({ database, actor }, { operationId, reason }) => {
    const row = await lockOperation(database, operationId)
    const isPausing =
      row.intent === 'pause' && (row.state === 'canary' || row.state === 'running' || row.state === 'queued')
    if (row.intent === 'cancel' || !(row.state === 'paused' || isPausing)) {
      throw new Failure('conflict', `the operation is ${row.state}: there is nothing to resume`)
    }
    await changeIntent(database, { id: row.id, intent: 'run', reason: reason || null, byName: actor.name })
    return { result: { state: row.state, intent: 'run' as const }, target: `operation:${row.id}` }
  },
})
