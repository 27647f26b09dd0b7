import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { insertApproval, readApprovalState } from '#db/store/approval-store.ts'
import { lockOperation } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({
  operationId: z.uuid(),
  /** Of the plan that the person has seen: what is approved is that plan and no other. */
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().trim().min(3).max(500),
})

/**
 * A second person agrees to a plan. The agreement names the plan's hash, so it is void for any other plan.
 *
 * @throws Failure `forbidden` for the one who asked for the operation, `conflict` when it is not planned, or its plan is
 * another one
 */
export const approveOperation = defineCommand({
  name: 'operation.approve',
  permission: 'operation:approve',
  input,
  run: async ({ database, actor }, { operationId, planHash, reason }) => {
    const row = await lockOperation(database, operationId)
    if (actor.kind !== 'person') throw new Failure('forbidden', 'only a person approves')
    if (actor.id === row.createdById) throw new Failure('forbidden', 'whoever asked for it cannot approve it')
    if (row.state !== 'planned') throw new Failure('conflict', `the operation is ${row.state}, not planned`)
    const state = await readApprovalState(database, row)
    if (state.planHash !== planHash) throw new Failure('conflict', 'the plan is not the one that was shown')
    await insertApproval(database, { operationId, planHash, reason, byId: actor.id, byName: actor.name })
    return { result: { planHash }, target: `operation:${row.id}`, details: { planHash } }
  },
})
