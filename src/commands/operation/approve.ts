import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { readApprovalState } from '#commands/operation/read-approval-state.ts'
import { insertApproval, readApprovalFacts } from '#db/store/approval-store.ts'
import { lockOperation } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({
  operationId: z.uuid(),
  /** Of the plan that the person has seen: what is approved is that plan and no other. */
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().trim().min(3).max(500),
})

/**
 * A second person agrees to a plan. The agreement names the plan's hash, so it is void for any other plan, and is signed,
 * so that nothing but this verb makes one. The same person agreeing twice is one, until it has expired.
 *
 * @throws Failure `forbidden` for the one who asked for the operation, `conflict` when it is not planned, or its plan is
 * another one; `unsupported` where approvals cannot be signed
 */
export const approveOperation = defineCommand({
  name: 'operation.approve',
  permission: 'operation:approve',
  input,
  run: async ({ database, actor, approvalSeal }, { operationId, planHash, reason }) => {
    const row = await lockOperation(database, operationId)
    if (actor.kind !== 'person') throw new Failure('forbidden', 'only a person approves')
    if (actor.id === row.createdById) throw new Failure('forbidden', 'whoever asked for it cannot approve it')
    if (row.state !== 'planned') throw new Failure('conflict', `the operation is ${row.state}, not planned`)
    if (approvalSeal === null) throw new Failure('unsupported', 'approvals cannot be signed here')
    const state = await readApprovalState(database, row, approvalSeal)
    if (state.planHash !== planHash) throw new Failure('conflict', 'the plan is not the one that was shown')
    if (state.approval?.byId !== actor.id) {
      const atMs = Math.floor((await readApprovalFacts(database, row.id)).nowMs)
      const given = { operationId, planHash, reason, byId: actor.id, byName: actor.name, atMs }
      await insertApproval(database, { ...given, signature: approvalSeal.sign(given) })
    }
    return { result: { planHash }, target: `operation:${row.id}`, details: { planHash } }
  },
})
