import { setApprovalRule } from '#commands/setting/set-approval-rule.ts'
import { readApprovalSetting } from '#db/store/setting-store.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

export const settingRouter = router({
  approvalRule: procedure('telemetry:read').query(({ ctx }) => readApprovalSetting(ctx.runtime.database)),

  setApprovalRule: procedure(setApprovalRule.permission)
    .input(setApprovalRule.input)
    .mutation(({ ctx, input }) => setApprovalRule(commandContext(ctx), input)),
})
