import { z } from 'zod'
import type { CommandOutcome, CommandScope } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import {
  askForAction,
  type ConsumerActionState,
  findActionUnderWay,
  lockConsumerAction,
  notifyConsumerAction,
} from '#db/store/consumer-action-store.ts'
import { Failure } from '#domain/failure.ts'
import { sumResetPlan } from '#domain/reset/reset-plan.ts'
import { resetPlanSchema } from '#domain/reset/reset-plan-schema.ts'

/** An older plan is not what the group and its topic look like any more. */
const PLAN_VALID_MS = 15 * 60_000

export const resetInput = z.object({
  planId: z.uuid(),
  /** Of the plan that the person has seen: what is done is that plan and no other. */
  planHash: z.string().regex(/^[0-9a-f]{64}$/),
  reason: reasonText,
})

/**
 * Lets a planned reset go; asking for the same one again changes nothing.
 *
 * @throws Failure `conflict` when the plan is another one, too old, does nothing, cannot be carried out as it stands, or
 * another reset of the group is under way
 */
export async function askForReset(
  { database, actor }: CommandScope,
  { planId, planHash, reason }: z.output<typeof resetInput>,
  kind: 'reset-offsets' | 'undo-reset',
): Promise<CommandOutcome<{ readonly id: string; readonly state: ConsumerActionState }>> {
  const row = await lockConsumerAction(database, planId)
  if (row.planHash !== planHash || row.kind !== kind)
    throw new Failure('conflict', 'the plan is not the one that was shown')
  const target = `group:${row.clusterId}:${row.subject}`
  if (row.state !== 'planned') {
    return { result: { id: row.id, state: row.state }, target, details: { planHash, isAlreadyAsked: true } }
  }
  const plan = resetPlanSchema.parse(row.plan)
  if (Date.now() - row.createdAt.getTime() > PLAN_VALID_MS) {
    throw new Failure('conflict', 'the dry run is more than 15 minutes old; look at it again')
  }
  const totals = sumResetPlan(plan.lanes)
  if (totals.changedLanes === 0) throw new Failure('conflict', 'nothing would change')
  if (plan.activity.refusedBecause !== null) throw new Failure('unsupported', plan.activity.refusedBecause)
  const other = await findActionUnderWay(database, row)
  if (other !== null) throw new Failure('conflict', `another reset of the group, by ${other.actorName}, is under way`)
  await askForAction(database, { id: row.id, reason, actorId: actor.id, actorName: actor.name })
  await notifyConsumerAction(database)
  return {
    result: { id: row.id, state: 'asked' },
    target,
    details: {
      planHash,
      destination: row.destination,
      target: plan.target,
      totals,
      before: plan.lanes.slice(0, AUDITED_LANES).map(({ lane, from, to }) => ({ lane, from, to })),
      lanesLeftOut: Math.max(0, plan.lanes.length - AUDITED_LANES),
    },
  }
}

/** The whole of it stays with the plan. */
const AUDITED_LANES = 200
