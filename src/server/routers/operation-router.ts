import { z } from 'zod'
import { planDiscard } from '#commands/dead-letter/plan-discard.ts'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { planImport } from '#commands/import/plan.ts'
import { approveOperation } from '#commands/operation/approve.ts'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { readApprovalState } from '#commands/operation/read-approval-state.ts'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { startOperation } from '#commands/operation/start.ts'
import { countRestorable } from '#db/store/message-archive-store.ts'
import {
  findOperationRow,
  listOperationItems,
  listOperations,
  listOperationTransitions,
  readOperationProgress,
} from '#db/store/operation-list.ts'
import { readOperation } from '#db/store/operation-store.ts'
import { listTargetChoices } from '#db/store/target-list.ts'
import { Failure } from '#domain/failure.ts'
import { ITEM_OUTCOMES, ITEM_STATES, OPERATION_STATES } from '#domain/operation/operation-state.ts'
import { pageInput } from '#server/page-input.ts'
import { readEdits } from '#server/read-edits.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

/** Counted on every look of the page; beyond it the button says "more than". */
const MOST_RESTORABLE = 10_000

/** More than a list to choose from shows at once; typing narrows it. */
const MOST_TARGETS = 50

const operationId = z.object({ id: z.uuid() })

export const operationRouter = router({
  list: procedure('telemetry:read')
    .input(
      z.object({
        states: z.array(z.enum(OPERATION_STATES)).max(OPERATION_STATES.length).nullable().default(null),
        ...pageInput,
      }),
    )
    .query(async ({ ctx, input }) => ({
      ...(await listOperations(ctx.runtime.database, input)),
      nowMs: ctx.runtime.nowMs(),
    })),

  get: procedure('telemetry:read')
    .input(operationId)
    .query(async ({ ctx, input }) => {
      const { database } = ctx.runtime
      const nowMs = ctx.runtime.nowMs()
      const [found, transitions, progress] = await Promise.all([
        findOperationRow(database, input.id),
        listOperationTransitions(database, input.id),
        readOperationProgress(database, input.id, nowMs),
      ])
      if (found === null) throw new Failure('not-found', `no operation ${input.id}`)
      const restorableCount = found.kind === 'discard' ? await countRestorable(database, input.id, MOST_RESTORABLE) : 0
      const row = found.state === 'planned' ? await readOperation(database, input.id) : null
      const approval = row === null ? null : await readApprovalState(database, row, ctx.runtime.approvalSeal)
      return { ...found, transitions, progress, restorableCount, approval, nowMs }
    }),

  items: procedure('telemetry:read')
    .input(
      z.object({
        id: z.uuid(),
        state: z.enum(ITEM_STATES).nullable().default(null),
        outcome: z.enum(ITEM_OUTCOMES).nullable().default(null),
        ...pageInput,
      }),
    )
    .query(({ ctx, input: { id, ...input } }) =>
      listOperationItems(ctx.runtime.database, { ...input, operationId: id }),
    ),

  edits: procedure('payload:read')
    .input(
      z.object({ id: z.uuid(), cursor: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(50) }),
    )
    .query(({ ctx, input }) =>
      readEdits(ctx.runtime.database, ctx.runtime.maskRule, {
        operationId: input.id,
        afterOrdinal: input.cursor,
        limit: input.limit,
      }),
    ),

  planRedrive: procedure(planRedrive.permission)
    .input(planRedrive.input)
    .mutation(({ ctx, input }) => planRedrive(commandContext(ctx), input)),

  planDiscard: procedure(planDiscard.permission)
    .input(planDiscard.input)
    .mutation(({ ctx, input }) => planDiscard(commandContext(ctx), input)),

  planImport: procedure(planImport.permission)
    .input(planImport.input)
    .mutation(({ ctx, input }) => planImport(commandContext(ctx), input)),

  targets: procedure('operation:plan')
    .input(z.object({ clusterId: z.string().min(1).max(300), search: z.string().max(1_000).default('') }))
    .query(({ ctx, input }) => listTargetChoices(ctx.runtime.database, { ...input, limit: MOST_TARGETS })),

  approve: procedure(approveOperation.permission)
    .input(approveOperation.input)
    .mutation(({ ctx, input }) => approveOperation(commandContext(ctx), input)),

  start: procedure(startOperation.permission)
    .input(startOperation.input)
    .mutation(({ ctx, input }) => startOperation(commandContext(ctx), input)),

  pause: procedure(pauseOperation.permission)
    .input(pauseOperation.input)
    .mutation(({ ctx, input }) => pauseOperation(commandContext(ctx), input)),

  resume: procedure(resumeOperation.permission)
    .input(resumeOperation.input)
    .mutation(({ ctx, input }) => resumeOperation(commandContext(ctx), input)),

  cancel: procedure(cancelOperation.permission)
    .input(cancelOperation.input)
    .mutation(({ ctx, input }) => cancelOperation(commandContext(ctx), input)),
})
