import { z } from 'zod'
import { removeRule } from '#commands/correlation/remove-rule.ts'
import { saveRule } from '#commands/correlation/save-rule.ts'
import { listCorrelationRules } from '#db/store/correlation-store.ts'
import { correlationRuleSchema } from '#domain/trace/correlation-rule.ts'
import { previewRule } from '#domain/trace/preview-rule.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

const PREVIEW_FROM_MS = 86_400_000
const PREVIEW_MESSAGES = 200

export const correlationRouter = router({
  rules: procedure('telemetry:read').query(async ({ ctx }) => ({
    rules: await listCorrelationRules(ctx.runtime.database),
    nowMs: ctx.runtime.nowMs(),
  })),

  /** What a draft would make of recent messages, beside the rules that there are; nothing is changed. */
  preview: procedure('setting:manage')
    .input(z.object({ ruleId: z.uuid().nullable(), rule: correlationRuleSchema }))
    .query(async ({ ctx, input: { ruleId, rule } }) => {
      const { database, telemetry, nowMs } = ctx.runtime
      const [rules, samples] = await Promise.all([
        listCorrelationRules(database),
        telemetry.readRecentMessages({
          system: rule.system,
          destination: rule.destination,
          fromUs: (nowMs() - PREVIEW_FROM_MS) * 1_000,
          limit: PREVIEW_MESSAGES,
        }),
      ])
      return previewRule(
        rule,
        rules.filter(({ id }) => id !== ruleId),
        samples,
      )
    }),

  save: procedure(saveRule.permission)
    .input(saveRule.input)
    .mutation(({ ctx, input }) => saveRule(commandContext(ctx), input)),

  remove: procedure(removeRule.permission)
    .input(removeRule.input)
    .mutation(({ ctx, input }) => removeRule(commandContext(ctx), input)),
})
