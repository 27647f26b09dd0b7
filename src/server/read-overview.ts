import { listDeadLetterGroups, type DeadLetterGroup } from '#db/store/dead-letter-group-list.ts'
import { listOperations, type CountedOperation } from '#db/store/operation-list.ts'
import {
  listStuckOperations,
  listTroubledGroups,
  readOverviewFacts,
  type OverviewFacts,
  type WorstGroup,
} from '#db/store/overview-read.ts'
import { listPauseMarks } from '#db/store/pause-store.ts'
import { listStuckGroups } from '#db/store/stuck-store.ts'
import { Failure } from '#domain/failure.ts'
import { rankAttention, type AttentionItem } from '#server/attention.ts'
import type { Runtime } from '#server/runtime.ts'
import type { DestinationBucket, FlowFigures } from '#telemetry-store/telemetry-store.ts'

/** A figure that may not be known; then `reason` says why. */
export interface Figure {
  readonly value: number | null
  readonly reason: string | null
}

export interface GroupFigure extends Figure {
  readonly clusterId: string | null
  readonly group: string | null
  readonly destination: string | null
  readonly errorMs: number | null
}

/** Dwell (waiting in queues) against processing over every destination; null where nothing was measured. */
export interface OverviewPoint {
  readonly atMs: number
  readonly sentCount: number
  readonly receivedCount: number
  readonly errorCount: number
  readonly dwellP50Ms: number | null
  readonly dwellP95Ms: number | null
  readonly processingP50Ms: number | null
  readonly processingP95Ms: number | null
}

export interface Overview {
  readonly nowMs: number
  readonly sentence: string
  readonly tiles: {
    /** Over the last five minutes. */
    readonly flowsPerMinute: Figure
    readonly endToEndP95Ms: Figure
    readonly oldestUnprocessedMs: GroupFigure
    readonly deadLettersOpen: { readonly value: number; readonly lastHour: number }
    /** Time until the first message is lost that nobody has read. */
    readonly nextDataLossMs: GroupFigure
    readonly operationsActive: { readonly value: number }
  }
  /** By time left, the least first. */
  readonly attention: readonly AttentionItem[]
  readonly failures: readonly DeadLetterGroup[]
  readonly recentOperations: readonly CountedOperation[]
  /** The last hour by the minute. */
  readonly series: readonly OverviewPoint[]
  /** Why `series` is empty, when the telemetry store could not be asked. */
  readonly seriesReason: string | null
  readonly clusterCount: number
}

const FIGURES_MS = 300_000
const SERIES_MS = 3_600_000

export async function readOverview(runtime: Runtime): Promise<Overview> {
  const nowMs = runtime.nowMs()
  const { database } = runtime
  const [facts, troubled, pauses, held, stuck, failures, operations, figures, series] = await Promise.all([
    readOverviewFacts(database, nowMs),
    listTroubledGroups(database, 20),
    listPauseMarks(database),
    listStuckGroups(database, 10),
    listStuckOperations(database, nowMs),
    listDeadLetterGroups(database, { state: 'open', clusterId: null, search: null, nowMs, limit: 10 }),
    listOperations(database, { states: null, limit: 5, cursor: null }),
    orReason(runtime.telemetry.readFlowFigures((nowMs - FIGURES_MS) * 1000, nowMs * 1000)),
    orReason(
      runtime.telemetry.readDestinationSeries({
        fromUs: (nowMs - SERIES_MS) * 1000,
        toUs: nowMs * 1000,
        stepSeconds: 60,
        destination: null,
        isMerged: true,
      }),
    ),
  ])
  const attention = rankAttention({
    facts,
    troubled,
    pauses: pauses.filter(({ isAlert }) => isAlert),
    held,
    stuck,
    failures: failures.groups,
    nowMs,
  })
  return {
    nowMs,
    sentence: sayState(facts, attention),
    tiles: buildTiles(facts, figures),
    attention,
    failures: failures.groups.slice(0, 5),
    recentOperations: operations.operations,
    series: series.value?.map(toPoint) ?? [],
    seriesReason: series.reason,
    clusterCount: facts.clusterCount,
  }
}

type OrReason<Value> = { readonly value: Value | null; readonly reason: string | null }

/** A telemetry store that refuses leaves its figures unknown; the rest of the page stands. */
async function orReason<Value>(promise: Promise<Value>): Promise<OrReason<Value>> {
  try {
    return { value: await promise, reason: null }
  } catch (error) {
    if (error instanceof Failure && error.code !== 'internal') return { value: null, reason: error.message }
    throw error
  }
}

function buildTiles(facts: OverviewFacts, figures: OrReason<FlowFigures>): Overview['tiles'] {
  const p95Us = figures.value?.durationP95Us ?? null
  return {
    flowsPerMinute: {
      value: figures.value === null ? null : (figures.value.flowCount * 60_000) / FIGURES_MS,
      reason: figures.reason,
    },
    endToEndP95Ms: {
      value: p95Us === null ? null : p95Us / 1000,
      reason: figures.reason ?? (p95Us === null ? 'no flow in the last five minutes' : null),
    },
    oldestUnprocessedMs: groupFigure(facts.oldestUnprocessed, 'no group’s age is known yet'),
    deadLettersOpen: { value: facts.openDeadLetterCount, lastHour: facts.deadLettersLastHour },
    nextDataLossMs: groupFigure(facts.nextDataLoss, 'no group is about to lose anything'),
    operationsActive: { value: facts.operationsActiveCount },
  }
}

function groupFigure(worst: WorstGroup | null, reason: string): GroupFigure {
  if (worst === null) return { value: null, reason, clusterId: null, group: null, destination: null, errorMs: null }
  const { clusterId, group, destination, errorMs } = worst
  return { value: worst.valueMs, reason: null, clusterId, group, destination, errorMs }
}

function toPoint(bucket: DestinationBucket): OverviewPoint {
  const ms = (us: number | null) => (us === null ? null : us / 1000)
  return {
    atMs: bucket.atUs / 1000,
    sentCount: bucket.sentCount,
    receivedCount: bucket.receivedCount,
    errorCount: bucket.errorCount,
    dwellP50Ms: ms(bucket.dwellP50Us),
    dwellP95Ms: ms(bucket.dwellP95Us),
    processingP50Ms: ms(bucket.processingP50Us),
    processingP95Ms: ms(bucket.processingP95Us),
  }
}

function sayState(facts: OverviewFacts, attention: readonly AttentionItem[]): string {
  if (facts.clusterCount === 0) return 'No broker is connected yet.'
  const [first] = attention
  if (first === undefined) return 'Everything is being processed in time.'
  const others = attention.length - 1
  if (others === 0) return `${first.title}.`
  return `${first.title}; ${String(others)} more ${others === 1 ? 'thing needs' : 'things need'} attention.`
}
