import { z } from 'zod'
import { planReset } from '#commands/consumer/plan-reset.ts'
import { resetOffsets } from '#commands/consumer/reset-offsets.ts'
import { undoReset } from '#commands/consumer/undo-reset.ts'
import { listConsumerActions } from '#db/store/consumer-action-store.ts'
import { Failure } from '#domain/failure.ts'
import { resetPlanSchema, resetTargetSchema } from '#domain/reset/reset-plan-schema.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

const name = z.string().min(1).max(300)

export const resetRouter = router({
  /** The resets that were asked for on a group, newest first, with what they have shown. */
  list: procedure('telemetry:read')
    .input(z.object({ clusterId: z.string().max(100), group: name }))
    .query(({ ctx, input }) =>
      listConsumerActions(ctx.runtime.database, {
        clusterId: input.clusterId,
        subject: input.group,
        kinds: ['reset-offsets', 'undo-reset'],
      }),
    ),

  /** A dry run, read from the broker at this moment and kept, so that it can be carried out as it was shown. */
  plan: procedure(planReset.permission)
    .input(
      z.object({
        requestKey: z.uuid(),
        clusterId: z.string().min(1).max(100),
        group: name,
        destination: name,
        target: resetTargetSchema,
        /** null = all. */
        lanes: z.array(z.string().max(100)).min(1).max(20_000).nullable(),
      }),
    )
    .mutation(async ({ ctx, input: { requestKey, clusterId, ...question } }) => {
      const answer = await ctx.runtime.askCollector({ kind: 'plan-reset', clusterId, question })
      const plan = resetPlanSchema.safeParse(answer['plan'])
      if (!plan.success) throw new Failure('internal', 'the collector gave an answer that cannot be read')
      return planReset(commandContext(ctx), { requestKey, clusterId, plan: plan.data })
    }),

  start: procedure(resetOffsets.permission)
    .input(resetOffsets.input)
    .mutation(({ ctx, input }) => resetOffsets(commandContext(ctx), input)),

  undo: procedure(undoReset.permission)
    .input(undoReset.input)
    .mutation(({ ctx, input }) => undoReset(commandContext(ctx), input)),
})
