import { z } from 'zod'
import { procedure, router } from '#server/procedure.ts'
import { readHops, readTopology } from '#server/read-topology.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MAX_WINDOW_MS = 6 * HOUR_MS
/** As long as the sums can be kept. */
const MAX_REACH_MS = 1_200 * DAY_MS
const TRAFFIC_STEP_MS = 600_000
const MAX_STEPS = 180

const windowInput = z.object({
  windowMs: z.number().int().min(60_000).max(MAX_WINDOW_MS),
  /** null = now, by the clock of the server. */
  endMs: z.number().min(0).nullable().default(null),
})

export const topologyRouter = router({
  get: procedure('telemetry:read')
    .input(windowInput)
    .query(({ ctx, input }) => readTopology(ctx.runtime, input)),

  /** Who sent what over a destination to whom, or what a service produced and consumed. */
  hops: procedure('telemetry:read')
    .input(windowInput.extend({ kind: z.enum(['service', 'destination']), name: z.string().max(10_000) }))
    .query(({ ctx, input }) => readHops(ctx.runtime, input)),

  /** Messages of the last day by ten minutes, of a longer time by hours, to choose a moment from. */
  traffic: procedure('telemetry:read')
    .input(z.object({ reachMs: z.number().int().min(HOUR_MS).max(MAX_REACH_MS).default(DAY_MS) }))
    .query(async ({ ctx, input: { reachMs } }) => {
      const nowMs = ctx.runtime.nowMs()
      const stepMs = reachMs <= DAY_MS ? TRAFFIC_STEP_MS : Math.ceil(reachMs / MAX_STEPS / HOUR_MS) * HOUR_MS
      const window = { fromUs: (nowMs - reachMs) * 1000, toUs: nowMs * 1000 }
      const steps = await ctx.runtime.telemetry.readTraffic(window, stepMs / 1000)
      return { nowMs, stepMs, steps: steps.map(({ atUs, ...counts }) => ({ atMs: atUs / 1000, ...counts })) }
    }),
})
