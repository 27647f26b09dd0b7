import type { Flow } from '#domain/flow/flow.ts'
import { planScale, type ScalePlan } from '#domain/flow/timeline-scale.ts'
import { thinShares, totalTime, type TimeTotal } from '#domain/flow/thin-shares.ts'

/** Rows that are sent at once; the page asks for further windows as somebody scrolls. */
export const ROW_WINDOW = 200
/** More stretches than this are not told apart on a screen. */
const MOST_SHARES = 300
const MOST_DELIVERIES = 300
/** Of services and of destinations; a flow of a hundred thousand spans may name as many. */
const MOST_NAMES = 100

/** What the page of a flow is drawn from: everything but the bulk, and the first window of rows. */
export interface FlowOpening extends Omit<Flow, 'hops' | 'criticalSteps' | 'graph'> {
  /** Changes whenever a row does; windows of one version fit together. */
  readonly version: string
  /** False while only the hops of a large flow are placed; the other spans follow. */
  readonly isWhole: boolean
  readonly rowCount: number
  /** Rows that decided how long the flow took. */
  readonly criticalRowCount: number
  readonly spanRowCount: number
  readonly hopCount: number
  /** Of which the summary names the first hundred. */
  readonly serviceCount: number
  readonly destinationCount: number
  readonly missingCount: number
  readonly scale: ScalePlan
  readonly timeTotals: readonly TimeTotal[]
  readonly criticalTotals: readonly TimeTotal[]
}

const RANK = { 'not-seen': 0, waiting: 1, passed: 2, taken: 3 } as const

/** What is sent when the page opens. */
export function openingOf(flow: Flow, version: string, isWhole: boolean): FlowOpening {
  const { summary, hops, criticalSteps, graph: _graph, rows, deliveries, timeShares, ...rest } = flow
  return {
    ...rest,
    summary: {
      ...summary,
      services: summary.services.slice(0, MOST_NAMES),
      destinations: summary.destinations.slice(0, MOST_NAMES),
    },
    serviceCount: summary.services.length,
    destinationCount: summary.destinations.length,
    version,
    isWhole,
    rows: rows.slice(0, ROW_WINDOW),
    rowCount: rows.length,
    criticalRowCount: rows.reduce((count, row) => count + (row.isCritical ? 1 : 0), 0),
    spanRowCount: rows.reduce((count, row) => count + (row.kind === 'span' ? 1 : 0), 0),
    hopCount: hops.length,
    missingCount: deliveries.deliveries.filter(({ kind }) => kind !== 'taken').length,
    deliveries: {
      ...deliveries,
      deliveries: deliveries.deliveries.toSorted((a, b) => RANK[a.kind] - RANK[b.kind]).slice(0, MOST_DELIVERIES),
    },
    timeShares: thinShares(timeShares, MOST_SHARES),
    timeTotals: totalTime(timeShares),
    criticalTotals: totalTime(criticalSteps),
    scale: planScale(
      rows.map(({ startUs, durationUs, kind }) => ({
        startUs,
        durationUs,
        isWork: kind === 'span' || kind === 'operation',
      })),
    ),
  }
}
