import { z } from 'zod'
import { setExpectedTime } from '#commands/delivery/set-expected-time.ts'
import { listExpectedTimes } from '#db/store/expected-time-store.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

const part = z.string().max(300).nullable().default(null)

export const expectedTimeRouter = router({
  list: procedure('telemetry:read')
    .input(z.object({ search: part, group: part }))
    .query(async ({ ctx, input }) => ({
      ...(await listExpectedTimes(ctx.runtime.database, input)),
      nowMs: ctx.runtime.nowMs(),
    })),

  set: procedure(setExpectedTime.permission)
    .input(setExpectedTime.input)
    .mutation(({ ctx, input }) => setExpectedTime(commandContext(ctx), input)),
})
