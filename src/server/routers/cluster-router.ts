import { listClusters } from '#db/store/cluster-list.ts'
import { procedure, router } from '#server/procedure.ts'

export const clusterRouter = router({
  list: procedure('telemetry:read').query(async ({ ctx }) => ({
    clusters: await listClusters(ctx.runtime.database),
    nowMs: ctx.runtime.nowMs(),
  })),
})
