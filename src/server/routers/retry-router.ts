import { z } from 'zod'
import { procedure, router } from '#server/procedure.ts'
import { readRetries } from '#server/read-retries.ts'

export const retryRouter = router({
  /** Attempts per message by who takes them, messages that were worked on more than once, and hot keys. */
  list: procedure('telemetry:read')
    .input(
      z.object({
        windowMs: z.number().int().min(60_000).max(3_600_000),
        /** null = of every destination. */
        destination: z.string().max(300).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => readRetries(ctx.runtime, input)),
})
