import { dropAttributeIndex } from '#commands/attribute-index/drop.ts'
import { requestAttributeIndex } from '#commands/attribute-index/request.ts'
import { listAttributeIndexes } from '#db/store/attribute-index-store.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

export const attributeIndexRouter = router({
  list: procedure('telemetry:read').query(async ({ ctx }) => ({
    indexes: await listAttributeIndexes(ctx.runtime.database),
    nowMs: ctx.runtime.nowMs(),
  })),

  request: procedure(requestAttributeIndex.permission)
    .input(requestAttributeIndex.input)
    .mutation(({ ctx, input }) => requestAttributeIndex(commandContext(ctx), input)),

  drop: procedure(dropAttributeIndex.permission)
    .input(dropAttributeIndex.input)
    .mutation(({ ctx, input }) => dropAttributeIndex(commandContext(ctx), input)),
})
