import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { hashResetPlan } from '#commands/consumer/hash-reset-plan.ts'
import { requireCluster } from '#commands/dead-letter/insert-planned.ts'
import { findConsumerAction, insertConsumerAction } from '#db/store/consumer-action-store.ts'
import { Failure } from '#domain/failure.ts'
import { sumResetPlan } from '#domain/reset/reset-plan.ts'
import { resetPlanSchema } from '#domain/reset/reset-plan-schema.ts'

/**
 * Keeps a dry run as it was read from the broker, so that it can be carried out as it was shown. Nothing is done to the
 * group. A request key that was used before gives the plan that it made.
 *
 * @throws Failure `not-found` without such a cluster or reset, `conflict` for a reset that is not over or of another group
 */
export const planReset = defineCommand({
  name: 'consumer.plan-reset',
  permission: 'consumer:control',
  input: z.object({ requestKey: z.uuid(), clusterId: z.string().min(1), plan: resetPlanSchema }),
  auditInput: ({ clusterId, plan: { group, destination, target } }) => ({ clusterId, group, destination, target }),
  run: async ({ database, actor }, { requestKey, clusterId, plan }) => {
    await requireCluster(database, clusterId)
    const undoOf = plan.target.kind === 'undo' ? plan.target.resetId : null
    if (undoOf !== null) {
      const undone = await findConsumerAction(database, undoOf)
      const isOfGroup =
        undone?.clusterId === clusterId && undone.subject === plan.group && undone.destination === plan.destination
      if (!isOfGroup) throw new Failure('not-found', 'there is no such reset of this group')
    }
    const { row } = await insertConsumerAction(database, randomUUID(), {
      requestKey,
      kind: undoOf === null ? 'reset-offsets' : 'undo-reset',
      clusterId,
      subject: plan.group,
      destination: plan.destination,
      plan,
      planHash: hashResetPlan(clusterId, plan),
      undoOf,
      state: 'planned',
      actorId: actor.id,
      actorName: actor.name,
    })
    const isOther = row.clusterId !== clusterId || row.subject !== plan.group || row.destination !== plan.destination
    if (isOther || row.planHash === null)
      throw new Failure('conflict', 'this request key has been used for another wish')
    return {
      result: { id: row.id, planHash: row.planHash, plan: resetPlanSchema.parse(row.plan) },
      target: `group:${clusterId}:${plan.group}`,
      details: { planHash: row.planHash, totals: sumResetPlan(plan.lanes) },
    }
  },
})
