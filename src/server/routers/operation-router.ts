import { z } from 'zod'
import {
  findOperationRow,
  listOperationItems,
  listOperations,
  listOperationTransitions,
  readOperationProgress,
} from '#db/store/operation-list.ts'
import { Failure } from '#domain/failure.ts'
import { ITEM_OUTCOMES, ITEM_STATES, OPERATION_STATES } from '#domain/operation/operation-state.ts'
import { pageInput } from '#server/page-input.ts'
import { procedure, router } from '#server/procedure.ts'

const operationId = z.object({ id: z.uuid() })
const reasoned = z.object({ id: z.uuid(), reason: z.string().max(500).default('') })
const planInput = z.object({
  requestKey: z.uuid(),
  clusterId: z.string().max(100),
  source: z.string().max(300),
  selection: z.object({
    fingerprint: z.string().optional(),
    ids: z.array(z.string()).max(10_000).optional(),
  }),
  reason: z.string().trim().min(3).max(500),
  ratePerSecond: z.number().positive().max(10_000).optional(),
  canarySize: z.number().int().min(0).max(1_000).optional(),
  target: z.string().max(300).nullable().optional(),
})

const absent = (): never => {
  throw new Failure('unsupported', 'operations are not connected yet')
}

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
      return { ...found, transitions, progress, nowMs }
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

  planRedrive: procedure('operation:plan')
    .input(planInput)
    .mutation((): { operationId: string } => absent()),
  start: procedure('operation:run')
    .input(reasoned)
    .mutation((): void => absent()),
  pause: procedure('operation:run')
    .input(reasoned)
    .mutation((): void => absent()),
  resume: procedure('operation:run')
    .input(reasoned)
    .mutation((): void => absent()),
  cancel: procedure('operation:run')
    .input(reasoned)
    .mutation((): void => absent()),
})
