import { z } from 'zod'
import type { ResetPlan, ResetTarget } from '#domain/reset/reset-plan.ts'

/** Positions are counted in JavaScript's exact integers. */
const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

export const resetTargetSchema: z.ZodType<ResetTarget, ResetTarget> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('earliest') }),
  z.object({ kind: z.literal('latest') }),
  z.object({ kind: z.literal('time'), atMs: z.number().int().min(0).max(8_640_000_000_000_000) }),
  z.object({ kind: z.literal('offset'), offset: position }),
  z.object({
    kind: z.literal('shift'),
    by: z
      .number()
      .int()
      .min(-Number.MAX_SAFE_INTEGER)
      .max(Number.MAX_SAFE_INTEGER)
      .refine((by) => by !== 0, 'by how many?'),
  }),
  z.object({ kind: z.literal('undo'), resetId: z.uuid() }),
])

const count = z.number().int().min(0)

export const resetPlanSchema: z.ZodType<ResetPlan, ResetPlan> = z.object({
  group: z.string().min(1),
  destination: z.string().min(1),
  target: resetTargetSchema,
  lanes: z
    .array(
      z.object({
        lane: z.string(),
        from: position.nullable(),
        to: position.nullable(),
        start: position,
        end: position,
        skipped: count.nullable(),
        repeated: count.nullable(),
        lost: count,
        clampedTo: z.enum(['start', 'end']).nullable(),
        movedOn: count,
      }),
    )
    .max(20_000),
  activity: z.object({
    isInactive: z.boolean(),
    state: z.string(),
    memberCount: count.nullable(),
    refusedBecause: z.string().nullable(),
  }),
  isApproximate: z.boolean(),
  readAtMs: z.number(),
})
