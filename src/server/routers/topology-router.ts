import { z } from 'zod'
import { procedure, router } from '#server/procedure.ts'
import { readTopology } from '#server/read-topology.ts'

const DAY_MS = 86_400_000
const MAX_WINDOW_MS = 6 * 3_600_000
const TRAFFIC_STEP_S = 600

export const topologyRouter = router({
  get: procedure('telemetry:read')
    .input(
      z.object({
        windowMs: z.number().int().min(60_000).max(MAX_WINDOW_MS),
        /** null = now, by the clock of the server. */
        endMs: z.number().min(0).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => readTopology(ctx.runtime, input)),

  /** Messages of the last day by ten minutes, to choose a moment from. */
  traffic: procedure('telemetry:read').query(async ({ ctx }) => {
    const nowMs = ctx.runtime.nowMs()
    const window = { fromUs: (nowMs - DAY_MS) * 1000, toUs: nowMs * 1000 }
    const steps = await ctx.runtime.telemetry.readTraffic(window, TRAFFIC_STEP_S)
    return {
      nowMs,
      stepMs: TRAFFIC_STEP_S * 1000,
      steps: steps.map(({ atUs, ...counts }) => ({ atMs: atUs / 1000, ...counts })),
    }
  }),
})
