import { procedure, router } from '#server/procedure.ts'
import { readOverview } from '#server/read-overview.ts'

export const overviewRouter = router({
  summary: procedure('telemetry:read').query(({ ctx }) => readOverview(ctx.runtime)),
})
