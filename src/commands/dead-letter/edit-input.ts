import { z } from 'zod'
import { checkEditStep } from '#domain/edit/check-edit-step.ts'
import { MAX_EDIT_STEPS } from '#domain/edit/edit-step.ts'

const place = { part: z.enum(['payload', 'header']), at: z.string().trim().min(1).max(500) }

/** The changes of a redrive, in their order; a step that can never fit is refused here, with the reason. */
export const editInput = z
  .array(
    z
      .discriminatedUnion('act', [
        z.object({ act: z.literal('set'), ...place, value: z.string().max(65_536) }),
        z.object({ act: z.literal('remove'), ...place }),
        z.object({ act: z.literal('rename'), ...place, to: z.string().trim().min(1).max(500) }),
      ])
      .superRefine((step, context) => {
        const problem = checkEditStep(step)
        if (problem !== null) context.addIssue({ code: 'custom', message: problem })
      }),
  )
  .max(MAX_EDIT_STEPS)
