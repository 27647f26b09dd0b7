import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { askForReset, resetInput } from '#commands/consumer/ask-for-reset.ts'
import { lockConsumerAction } from '#db/store/consumer-action-store.ts'
import { Failure } from '#domain/failure.ts'
import { sumResetPlan } from '#domain/reset/reset-plan.ts'
import { resetPlanSchema } from '#domain/reset/reset-plan-schema.ts'

/**
 * Puts the positions of a group back to where they were before a reset.
 *
 * @throws Failure `conflict` when the group has gone on since and that was not accepted; else as a reset
 */
export const undoReset = defineCommand({
  name: 'consumer.undo-reset',
  permission: 'consumer:control',
  input: resetInput.extend({
    /** What the group has done since the reset is then taken again, or passed over. */
    acceptsMovedOn: z.boolean(),
  }),
  run: async (scope, input) => {
    const { plan } = await lockConsumerAction(scope.database, input.planId)
    const { movedOn } = sumResetPlan(resetPlanSchema.parse(plan).lanes)
    if (movedOn > 0 && !input.acceptsMovedOn) {
      throw new Failure('conflict', `the group has moved on by ${movedOn} since the reset; that has to be accepted`)
    }
    return askForReset(scope, input, 'undo-reset')
  },
})
