import { z } from 'zod'
import { procedure, router } from '#server/procedure.ts'
import { readComparison } from '#server/read-comparison.ts'

const side = z.string().min(1).max(400)

export const comparisonRouter = router({
  /** Two flows, or two sets of flows, laid over each other; sides as in domain/comparison/comparison-side.ts. */
  get: procedure('telemetry:read')
    .input(z.object({ left: side, right: side }))
    .query(({ ctx, input }) => readComparison(ctx.runtime, input)),

  /** Versions of a service to choose from. */
  versions: procedure('telemetry:read')
    .input(z.object({ service: z.string().min(1).max(300) }))
    .query(({ ctx, input }) => ctx.runtime.telemetry.readServiceVersions(input.service)),
})
