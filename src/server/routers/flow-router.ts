import { z } from 'zod'
import { listStuck } from '#db/store/stuck-store.ts'
import { Failure } from '#domain/failure.ts'
import type { Flow } from '#domain/flow/flow.ts'
import { pageInput } from '#server/page-input.ts'
import { procedure, router } from '#server/procedure.ts'
import { readFlow } from '#server/read-flow.ts'

const MAX_WINDOW_MS = 31 * 86_400_000
const traceId = z.string().regex(/^[0-9a-f]{32}$/)
const spanId = z.string().regex(/^[0-9a-f]{16}$/)
const name = z.string().max(300).nullable().default(null)

export const flowRouter = router({
  list: procedure('telemetry:read')
    .input(
      z
        .object({
          id: name,
          service: name,
          destination: name,
          status: z.enum(['all', 'error', 'ok']).default('all'),
          minDurationMs: z.number().min(0).nullable().default(null),
          fromMs: z.number(),
          toMs: z.number(),
          ...pageInput,
        })
        .refine((input) => input.toMs > input.fromMs && input.toMs - input.fromMs <= MAX_WINDOW_MS, 'at most 31 days'),
    )
    .query(async ({ ctx, input: { fromMs, toMs, minDurationMs, ...input } }) => ({
      ...(await ctx.runtime.telemetry.listFlows({
        ...input,
        fromUs: fromMs * 1000,
        toUs: toMs * 1000,
        minDurationUs: minDurationMs === null ? null : minDurationMs * 1000,
      })),
      nowMs: ctx.runtime.nowMs(),
    })),

  get: procedure('telemetry:read')
    .input(z.object({ flowKey: z.string().min(1).max(300) }))
    .query(({ ctx, input }): Promise<Flow> => readFlow(ctx.runtime, input.flowKey)),

  /** Messages that a group did not take within its expected time, the oldest first. */
  stuck: procedure('telemetry:read')
    .input(z.object({ destination: name, group: name, ...pageInput }))
    .query(async ({ ctx, input }) => ({
      ...(await listStuck(ctx.runtime.database, input)),
      nowMs: ctx.runtime.nowMs(),
    })),

  span: procedure('telemetry:read')
    .input(z.object({ traceId, spanId }))
    .query(async ({ ctx, input }) => {
      const detail = await ctx.runtime.telemetry.readSpanDetail(input.traceId, input.spanId)
      if (detail === null) throw new Failure('not-found', 'the span is not stored: never seen, or past retention')
      return detail
    }),
})
