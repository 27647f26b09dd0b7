import { z } from 'zod'
import { listConsumerEvents, listOperationsToward } from '#db/store/consumer-events.ts'
import {
  type GroupInventory,
  readConsumerLanes,
  readGroupInventory,
  readGroupProofs,
  readLagSeries,
} from '#db/store/consumer-history.ts'
import { listConsumers, listConsumersOfGroup } from '#db/store/consumer-list.ts'
import { listPauseMarks, listPausesOfGroup } from '#db/store/pause-store.ts'
import { readLaneLagHistory } from '#db/store/lane-lag-history.ts'
import { Failure } from '#domain/failure.ts'
import { LAG_STATES } from '#domain/lag/lag-status.ts'
import { procedure, router } from '#server/procedure.ts'
import { readMeasuredAge } from '#server/read-measured-age.ts'

const DAY_MS = 86_400_000
/** What spans measure is told of this long a time. */
const MEASURED_MS = 300_000
/** As many points as a chart of a page's width can show. */
const SERIES_POINTS = 240

const windowOfGroup = z.object({
  clusterId: z.string().max(100),
  group: z.string().max(300),
  windowMs: z.number().int().min(60_000).max(DAY_MS).default(3_600_000),
})

/** The window up to now, in steps of whole seconds that make no more points than a chart can show. */
function seriesWindow(windowMs: number, nowMs: number): { fromMs: number; toMs: number; stepMs: number } {
  const stepMs = Math.max(5_000, Math.ceil(windowMs / SERIES_POINTS / 1000) * 1000)
  return { fromMs: nowMs - windowMs, toMs: nowMs, stepMs }
}

/** Spans of many clients name no group; services are mostly called as the group or its clients are. */
const MAX_SERVICES = 50
const servicesOf = (group: string, inventory: GroupInventory | null): readonly string[] =>
  [...new Set([group, ...(inventory?.members ?? []).flatMap(({ clientId }) => clientId ?? [])])].slice(0, MAX_SERVICES)

export const consumerRouter = router({
  list: procedure('telemetry:read')
    .input(
      z.object({
        clusterId: z.string().max(100).nullable().default(null),
        states: z.array(z.enum(LAG_STATES)).max(LAG_STATES.length).nullable().default(null),
        search: z.string().max(200).nullable().default(null),
      }),
    )
    .query(async ({ ctx, input }) => {
      const { database } = ctx.runtime
      const [{ consumers, isCut }, marks] = await Promise.all([
        listConsumers(database, input),
        listPauseMarks(database),
      ])
      const markOf = new Map(marks.map((mark) => [JSON.stringify([mark.clusterId, mark.group]), mark]))
      return {
        consumers: consumers.map((row) => ({
          ...row,
          pause: markOf.get(JSON.stringify([row.clusterId, row.group])) ?? null,
        })),
        isCut,
        nowMs: ctx.runtime.nowMs(),
      }
    }),

  get: procedure('telemetry:read')
    .input(windowOfGroup)
    .query(async ({ ctx, input }) => {
      const { database } = ctx.runtime
      const nowMs = ctx.runtime.nowMs()
      const window = seriesWindow(input.windowMs, nowMs)
      const [destinations, inventory, lanes, proofs, series] = await Promise.all([
        listConsumersOfGroup(database, input.clusterId, input.group),
        readGroupInventory(database, input.clusterId, input.group),
        readConsumerLanes(database, input.clusterId, input.group),
        readGroupProofs(database, input.clusterId, input.group),
        readLagSeries(database, { ...input, ...window }),
      ])
      if (destinations.length === 0 && inventory === null) {
        throw new Failure('not-found', `no group ${input.group} on ${input.clusterId}`)
      }
      return {
        clusterId: input.clusterId,
        group: input.group,
        inventory,
        destinations,
        lanes,
        proofs,
        series,
        stepMs: window.stepMs,
        nowMs,
      }
    }),

  /** What happened to the group in the window, and what spans measured of late. */
  happenings: procedure('telemetry:read')
    .input(windowOfGroup)
    .query(async ({ ctx, input }) => {
      const { database, telemetry } = ctx.runtime
      const nowMs = ctx.runtime.nowMs()
      const fromMs = nowMs - input.windowMs
      const toUs = nowMs * 1_000
      const inventory = await readGroupInventory(database, input.clusterId, input.group)
      const takers = { group: input.group, services: servicesOf(input.group, inventory) }
      const [events, operations, pauses, deploys, measured] = await Promise.all([
        listConsumerEvents(database, input, fromMs),
        listOperationsToward(database, input, fromMs),
        listPausesOfGroup(database, input, fromMs),
        telemetry.readDeploys(takers, { fromUs: fromMs * 1_000, toUs }),
        telemetry.readGroupDwell(takers, { fromUs: (nowMs - MEASURED_MS) * 1_000, toUs }),
      ])
      return {
        events,
        operations,
        pauses,
        deploys: deploys.map(({ atUs, ...deploy }) => ({ ...deploy, atMs: atUs / 1_000 })),
        measured,
      }
    }),

  /** How old the record is that the group has to read next, read from the broker right now. */
  measureAge: procedure('telemetry:read')
    .input(
      z.object({ clusterId: z.string().max(100), group: z.string().max(300), destination: z.string().min(1).max(300) }),
    )
    .query(({ ctx, input }) => readMeasuredAge(ctx.runtime, input)),

  laneHistory: procedure('telemetry:read')
    .input(windowOfGroup)
    .query(async ({ ctx, input }) => {
      const window = seriesWindow(input.windowMs, ctx.runtime.nowMs())
      return readLaneLagHistory(ctx.runtime.database, { ...input, ...window })
    }),
})
