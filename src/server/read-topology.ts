import { listConsumers } from '#db/store/consumer-list.ts'
import { listDeadLetterPlaces, listRoutes } from '#db/store/topology-read.ts'
import { buildTopology } from '#domain/topology/build-topology.ts'
import { cutTopology } from '#domain/topology/cut-topology.ts'
import { listHops } from '#domain/topology/list-hops.ts'
import type { DeadLetterPlaceReading, GroupReading, Topology, TopologyHop } from '#domain/topology/topology.ts'
import type { Runtime } from '#server/runtime.ts'

const BUCKET_MS = 10_000
/** Exporters send every few seconds: a bucket that has just ended is not complete yet. */
const SETTLE_MS = 6_000
/** What lag and dead letters say now is still said of a window that ended this long ago. */
const PRESENT_MS = 60_000
const MAX_NODES = 500
const MAX_HOPS = 200

export interface TopologyAnswer extends Topology {
  readonly nowMs: number
  /** The time that the rates cover, whole ten-second buckets. */
  readonly fromMs: number
  readonly toMs: number
  /** Length of the buckets that were read; when longer than the window, the rates are means over a bucket. */
  readonly bucketMs: number
  /** False when the window lies in the past: lag and dead letters are then not known. */
  readonly isPresent: boolean
  /** Left out because there are too many to draw. */
  readonly omittedNodeCount: number
}

export interface TopologyWindow {
  readonly windowMs: number
  /** null = now. */
  readonly endMs: number | null
}

/** Whole ten-second buckets. */
function placeWindow(
  nowMs: number,
  { windowMs, endMs }: TopologyWindow,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = Math.floor((endMs ?? nowMs - SETTLE_MS) / BUCKET_MS) * BUCKET_MS
  return { fromMs: toMs - Math.ceil(windowMs / BUCKET_MS) * BUCKET_MS, toMs }
}

/**
 * What went over or through a node in the same window, by producer and consumer; the 200 busiest.
 * @throws Failure `limit` when the window holds too much for one answer.
 */
export async function readHops(
  runtime: Runtime,
  question: TopologyWindow & { readonly kind: 'service' | 'destination'; readonly name: string },
): Promise<readonly TopologyHop[]> {
  const { fromMs, toMs } = placeWindow(runtime.nowMs(), question)
  const { edges } = await runtime.telemetry.readEdges({ fromUs: fromMs * 1000, toUs: toMs * 1000 })
  return listHops(edges, question, { windowMs: toMs - fromMs, limit: MAX_HOPS })
}

/**
 * Who sends where and who consumes what in a window that ends at `endMs`, null = now.
 * @throws Failure `limit` when the window holds too much for one answer.
 */
export async function readTopology(runtime: Runtime, window: TopologyWindow): Promise<TopologyAnswer> {
  const nowMs = runtime.nowMs()
  const { fromMs, toMs } = placeWindow(nowMs, window)
  const isPresent = toMs >= nowMs - PRESENT_MS
  const { database, telemetry } = runtime
  const [{ edges, bucketMs }, groups, places, routes] = await Promise.all([
    telemetry.readEdges({ fromUs: fromMs * 1000, toUs: toMs * 1000 }),
    readGroups(runtime),
    listDeadLetterPlaces(database),
    listRoutes(database),
  ])
  const whole = buildTopology({
    edges,
    windowMs: toMs - fromMs,
    groups: isPresent ? groups : groups.map(forgetLag),
    deadLetterPlaces: isPresent ? places : places.map(forgetCounts),
    routes,
  })
  const { topology, omittedNodeCount } = cutTopology(whole, MAX_NODES)
  return { ...topology, nowMs, fromMs, toMs, bucketMs, isPresent, omittedNodeCount }
}

async function readGroups(runtime: Runtime): Promise<readonly GroupReading[]> {
  const { consumers } = await listConsumers(runtime.database, { clusterId: null, states: null, search: null })
  return consumers.map((row) => ({
    clusterId: row.clusterId,
    group: row.group,
    destination: row.destination,
    lagState: row.state,
    lagSentence: row.sentence,
    lagMessages: row.lagMessages,
    timeBehindMs: row.timeBehindMs,
  }))
}

const forgetLag = (group: GroupReading): GroupReading => ({
  ...group,
  lagState: 'UNKNOWN',
  lagSentence: 'Lag is kept here for the present only.',
  lagMessages: null,
  timeBehindMs: null,
})

const forgetCounts = (place: DeadLetterPlaceReading): DeadLetterPlaceReading => ({
  ...place,
  openCount: null,
  soonestExpiryAtMs: null,
})
