import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { changeIntent, lockOperation, moveOperation, setCanarySettled } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import { OPERATION_STATES } from '#domain/operation/operation-state.ts'

const input = z.object({
  operationId: z.uuid(),
  from: z.enum(OPERATION_STATES),
  to: z.enum(OPERATION_STATES),
  reason: z.string().nullable(),
  /** Under which the engine acts; an older one moves nothing. */
  fencingToken: z.number().int(),
  /** On whose wish, when it follows one; else the engine's own doing. */
  onBehalfOf: z.string().nullable().default(null),
  /** The canary has been judged, well or badly: a resume goes on with the rest. */
  isCanarySettled: z.boolean().default(false),
})

/**
 * A move that the engine makes: following a person's wish, or because of what it saw. Only for the system itself.
 * A pause of the engine's own is also the wish from then on, so that only a person lets it go on.
 *
 * @throws Failure `forbidden` for a person, `conflict` when the state or the holder has changed
 */
export const advanceOperation = defineCommand({
  name: 'operation.advance',
  permission: 'operation:run',
  input,
  run: async ({ database, actor }, move) => {
    if (actor.kind !== 'system') throw new Failure('forbidden', 'only the engine moves an operation by itself')
    const row = await lockOperation(database, move.operationId)
    const isMoved = await moveOperation(database, {
      id: row.id,
      from: move.from,
      to: move.to,
      actorName: move.onBehalfOf ?? actor.name,
      reason: move.reason,
      fencingToken: move.fencingToken,
    })
    if (!isMoved) throw new Failure('conflict', `the operation is not ${move.from} under this holder any more`)
    if (move.isCanarySettled) await setCanarySettled(database, row.id)
    // Where a person asked for the pause and for the contrary since, the later wish stands, and is followed next.
    if (move.to === 'paused' && row.intent === 'run' && move.onBehalfOf === null) {
      await changeIntent(database, { id: row.id, intent: 'pause', reason: move.reason, byName: actor.name })
    }
    return { result: { state: move.to }, target: `operation:${row.id}` }
  },
})
