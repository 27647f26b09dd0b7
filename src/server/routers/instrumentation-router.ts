import { diagnoseServices } from '#domain/convention/diagnose-services.ts'
import { procedure, router } from '#server/procedure.ts'

const WINDOW_MS = 6 * 3_600_000

export const instrumentationRouter = router({
  /** How the services that sent or took messages lately describe them, by name. */
  list: procedure('telemetry:read').query(async ({ ctx }) => {
    const nowMs = ctx.runtime.nowMs()
    const observed = await ctx.runtime.telemetry.observeServices({
      fromUs: (nowMs - WINDOW_MS) * 1000,
      toUs: nowMs * 1000,
    })
    return { nowMs, windowMs: WINDOW_MS, services: diagnoseServices(observed) }
  }),
})
