import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import type { ApprovalSeal } from '#commands/operation/approval-seal.ts'
import { readApprovalState } from '#commands/operation/read-approval-state.ts'
import type { Database } from '#db/client.ts'
import {
  changeIntent,
  findActiveOperation,
  lockOperation,
  moveOperation,
  type OperationRow,
} from '#db/store/operation-store.ts'
import { findViolatedConstraint } from '#db/violated-constraint.ts'
import { Failure } from '#domain/failure.ts'
import { ACTIVE_STATES, type OperationState } from '#domain/operation/operation-state.ts'

const input = z.object({
  operationId: z.uuid(),
  /** Of the plan that the person has seen: what is started is that plan and no other. */
  manifestHash: z.string().regex(/^[0-9a-f]{64}$/),
})

/**
 * Lets a planned operation go. Starting one that is already on its way changes nothing.
 *
 * @throws Failure `conflict` when it is not planned, its plan is another one, a second person has to agree first, or another
 * operation holds the source
 */
export const startOperation = defineCommand({
  name: 'operation.start',
  permission: 'operation:run',
  input,
  run: async ({ database, actor, approvalSeal }, { operationId, manifestHash }) => {
    const row = await lockOperation(database, operationId)
    if (row.manifestHash !== manifestHash) throw new Failure('conflict', 'the plan is not the one that was shown')
    if ((ACTIVE_STATES as readonly OperationState[]).includes(row.state)) {
      return { result: { state: row.state }, target: `operation:${row.id}`, details: { isAlreadyStarted: true } }
    }
    if (row.state !== 'planned') throw new Failure('conflict', `the operation is ${row.state}, not planned`)
    const approval = await requireApproval(database, row, approvalSeal)
    const holder = await findActiveOperation(database, row.clusterId, row.source)
    if (holder) throw sourceIsHeld(row.source, { operationId: holder.id, number: holder.number })
    await changeIntent(database, { id: row.id, intent: 'run', reason: row.reason, byName: actor.name })
    const move = { id: row.id, from: 'planned', to: 'queued', actorName: actor.name, reason: row.reason } as const
    try {
      await moveOperation(database, move)
    } catch (error) {
      if (findViolatedConstraint(error) === 'operation_one_active_per_source') throw sourceIsHeld(row.source, {}, error)
      throw error
    }
    return { result: { state: 'queued' as OperationState }, target: `operation:${row.id}`, details: { approval } }
  },
})

/**
 * Who agreed, or why nobody had to: for the record.
 *
 * @throws Failure `conflict` while a second person has to agree and has not
 */
async function requireApproval(database: Database, row: OperationRow, seal: ApprovalSeal | null): Promise<string> {
  const { need, approval, hasApprover, planHash, problem } = await readApprovalState(database, row, seal)
  if (need === null) return 'not needed'
  if (approval !== null) return `by ${approval.byName}, of plan ${planHash}`
  if (!hasApprover) return `${need}; nobody else may approve here`
  const why = problem === null ? '' : ` (${problem})`
  throw new Failure('conflict', `${need}: somebody else with the approver role has to approve this plan first${why}`)
}

function sourceIsHeld(source: string, details: Readonly<Record<string, unknown>>, cause?: unknown): Failure {
  return new Failure('conflict', `another operation is taking from ${source}`, { details, cause })
}
