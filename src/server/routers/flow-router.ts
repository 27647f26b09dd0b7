import { z } from 'zod'
import { listStuck } from '#db/store/stuck-store.ts'
import { Failure } from '#domain/failure.ts'
import { type FlowOpening, ROW_WINDOW } from '#domain/flow/flow-opening.ts'
import { histogramStepMs } from '#domain/flow/histogram-step.ts'
import { flowQuestion, isWindow, readFlowQuery } from '#server/flow-question.ts'
import { pageInput } from '#server/page-input.ts'
import { procedure, router } from '#server/procedure.ts'
import { openFlow, readHeldFlow } from '#server/read-flow.ts'
import { readFlowRow } from '#server/read-flow-row.ts'
import { readLiveMessage } from '#server/read-live-message.ts'
import { shortenTexts } from '#server/shorten-texts.ts'

const DAY_MS = 86_400_000
const traceId = z.string().regex(/^[0-9a-f]{32}$/)
const spanId = z.string().regex(/^[0-9a-f]{16}$/)
const flowKey = z.string().min(1).max(300)
const from = z.number().int().min(0).max(10_000_000)
const HOP_PAGE = 200
/** A table of everything would be slower to draw than to read; the timeline has all of them. */
const MOST_SPANS = 500
const name = z.string().max(300).nullable().default(null)

export const flowRouter = router({
  /** A page; short of its limit with a cursor it means: nothing more so far, ask on. */
  list: procedure('telemetry:read')
    .input(z.object({ ...flowQuestion, ...pageInput }).refine(isWindow, 'at most 31 days'))
    .query(async ({ ctx, input: { limit, cursor, ...question }, signal }) => {
      const query = await readFlowQuery(ctx.runtime, question, { limit, cursor })
      return { ...(await ctx.runtime.telemetry.listFlows(query, signal)), nowMs: ctx.runtime.nowMs() }
    }),

  /** How many flows the same question finds, by time. */
  histogram: procedure('telemetry:read')
    .input(z.object(flowQuestion).refine(isWindow, 'at most 31 days'))
    .query(async ({ ctx, input }) => {
      const stepMs = histogramStepMs(input.toMs - input.fromMs)
      // Bars begin at round times, so that they stand still while the window moves on.
      const fromMs = Math.floor(input.fromMs / stepMs) * stepMs
      const query = await readFlowQuery(ctx.runtime, { ...input, fromMs }, { limit: 1, cursor: null })
      return { ...(await ctx.runtime.telemetry.countFlows(query, stepMs * 1_000)), fromMs, toMs: input.toMs }
    }),

  /** What sampling kept and dropped of the spans of the last day, by whole hours; all zero while every flow is kept. */
  sampling: procedure('telemetry:read').query(({ ctx }) =>
    ctx.runtime.telemetry.readSampling((ctx.runtime.nowMs() - DAY_MS) * 1_000),
  ),

  get: procedure('telemetry:read')
    .input(z.object({ flowKey }))
    .query(async ({ ctx, input }): Promise<FlowOpening> => (await openFlow(ctx.runtime, input.flowKey)).opening),

  /** A window of the timeline, or of the rows on its critical path. `version` is of the page that asks; the answer says which one it is of. */
  rows: procedure('telemetry:read')
    .input(z.object({ flowKey, version: z.string().max(40), from, isCriticalOnly: z.boolean().default(false) }))
    .query(async ({ ctx, input }) => {
      const { flow, version } = await readHeldFlow(ctx.runtime, input.flowKey)
      const rows = input.isCriticalOnly ? flow.rows.filter(({ isCritical }) => isCritical) : flow.rows
      return { version, rows: shortenTexts(rows.slice(input.from, input.from + ROW_WINDOW)) }
    }),

  row: procedure('telemetry:read')
    .input(z.object({ flowKey, rowId: z.string().min(1).max(300) }))
    .query(async ({ ctx, input }) =>
      shortenTexts(readFlowRow(await readHeldFlow(ctx.runtime, input.flowKey), input.rowId)),
    ),

  /** Message by message: who sent it, where it waited, who took it, and how each step is known. */
  graph: procedure('telemetry:read')
    .input(z.object({ flowKey }))
    .query(async ({ ctx, input }) => shortenTexts((await readHeldFlow(ctx.runtime, input.flowKey)).flow.graph)),

  /** The message of a hop, read from its broker right now, masked. */
  message: procedure('payload:read')
    .input(z.object({ flowKey, hopId: z.string().min(1).max(300) }))
    .query(async ({ ctx, input }) =>
      readLiveMessage(ctx.runtime, await readHeldFlow(ctx.runtime, input.flowKey), input.hopId),
    ),

  /** A page of the deliveries, in the order in which they were sent. */
  hops: procedure('telemetry:read')
    .input(z.object({ flowKey, cursor: from.default(0) }))
    .query(async ({ ctx, input }) => {
      const { flow } = await readHeldFlow(ctx.runtime, input.flowKey)
      const to = input.cursor + HOP_PAGE
      return {
        hops: shortenTexts(flow.hops.slice(input.cursor, to)),
        hopCount: flow.hops.length,
        nextCursor: to < flow.hops.length ? to : null,
      }
    }),

  /** The spans that took longest, or all of them where they are few. */
  spans: procedure('telemetry:read')
    .input(z.object({ flowKey }))
    .query(async ({ ctx, input }) => {
      const { flow } = await readHeldFlow(ctx.runtime, input.flowKey)
      const spans = flow.rows.filter(({ kind }) => kind === 'span')
      const longest =
        spans.length <= MOST_SPANS ? spans : spans.toSorted((a, b) => b.durationUs - a.durationUs).slice(0, MOST_SPANS)
      return { rows: shortenTexts(longest), spanCount: spans.length }
    }),

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
