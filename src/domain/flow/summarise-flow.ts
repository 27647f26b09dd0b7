import type { FlowFacts, FlowStatus, FlowSummary } from '#domain/flow/flow.ts'
import { messageIdentity, type JoinedHop } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { hasFailed, parentKeyOf, type SpanIndex } from '#domain/flow/span-index.ts'

export interface FlowSpanOfTime {
  readonly startedUs: number
  readonly endedUs: number
}

export function summariseFlow(
  facts: FlowFacts,
  index: SpanIndex,
  hops: readonly JoinedHop[],
  placed: readonly PlacedDeadLetter[],
  { startedUs, endedUs }: FlowSpanOfTime,
): FlowSummary {
  const { spans } = index
  return {
    flowKey: facts.flowKey,
    startedUs,
    endedUs,
    services: distinct(spans.map(({ service }) => service)),
    destinations: distinct([
      ...hops
        .toSorted((a, b) => (a.hop.sentUs ?? a.hop.receivedUs ?? 0) - (b.hop.sentUs ?? b.hop.receivedUs ?? 0))
        .map(({ hop }) => hop.destination),
      ...placed.map(({ letter }) => letter.destination),
    ]).filter((name) => name !== 'unknown'),
    traceCount: new Set(spans.map(({ traceId }) => traceId)).size,
    spanCount: spans.length + facts.omittedSpanCount,
    errorCount: spans.filter(hasFailed).length,
    hopCount: hops.filter(({ receiver }) => receiver !== null).length,
    status: statusOf(index, hops, placed),
  }
}

function statusOf(index: SpanIndex, hops: readonly JoinedHop[], placed: readonly PlacedDeadLetter[]): FlowStatus {
  if (placed.some(({ letter }) => letter.state !== 'redriven')) return 'dead-lettered'
  if (findLastFailure(hops) !== null) return 'failed'
  if (placed.length > 0) return 'redriven'
  if (findUnfinished(hops) !== null) return 'running'
  return findRootFailure(index) ? 'failed' : 'completed'
}

/** A message whose last delivery failed, and that did not go on to a dead-letter place or another try. */
function findLastFailure(hops: readonly JoinedHop[]): JoinedHop | null {
  const last = new Map<string, JoinedHop>()
  for (const joined of hops) if (joined.receiver !== null) last.set(messageIdentity(joined), joined)
  for (const joined of last.values()) if (joined.hop.outcome === 'failed' && !joined.isContinued) return joined
  return null
}

/**
 * A message on its way when the flow ends: no receiver was seen, and nothing was received after it was sent. One that
 * nobody ever takes while the flow goes on elsewhere (an audit topic) does not keep the flow running.
 */
function findUnfinished(hops: readonly JoinedHop[]): JoinedHop | null {
  const lastReceivedUs = hops.reduce((latest, { hop }) => Math.max(latest, hop.receivedUs ?? 0), 0)
  return hops.find(({ hop }) => hop.outcome === 'in-flight' && (hop.sentUs ?? 0) > lastReceivedUs) ?? null
}

function findRootFailure(index: SpanIndex): boolean {
  return index.spans.some((span) => {
    const parent = parentKeyOf(span)
    return hasFailed(span) && span.messaging === null && (parent === null || !index.byKey.has(parent))
  })
}

/** `Dead-lettered, redriven, completed`, with the cause and place where it is not over. */
export function describeStatus(
  status: FlowStatus,
  hops: readonly JoinedHop[],
  placed: readonly PlacedDeadLetter[],
): string {
  switch (status) {
    case 'dead-lettered': {
      const waiting = placed.find(({ letter }) => letter.state !== 'redriven')?.letter
      const cause = shortClass(waiting?.exceptionClass ?? null)
      const again = placed.some(({ letter }) => letter.state === 'redriven') ? ', redriven, dead-lettered again' : ''
      const where = waiting === undefined ? '' : ` in ${waiting.destination}${cause === null ? '' : `: ${cause}`}`
      const end = waiting?.state === 'open' || waiting === undefined ? '' : `, ${waiting.state}`
      return `Dead-lettered${again}${where}${end}`
    }
    case 'redriven':
      return hops.some(({ hop, item }) => item !== null && hop.outcome === 'in-flight')
        ? 'Dead-lettered, redriven, not seen yet'
        : 'Dead-lettered, redriven, completed'
    case 'failed': {
      const failure = findLastFailure(hops)
      const cause = shortClass(failure?.receiver?.exception?.type ?? null)
      const where = failure?.receiver === null || failure === null ? '' : ` in ${failure.receiver.service}`
      return `Failed${where}${cause === null ? '' : `: ${cause}`}`
    }
    case 'running':
      return `Running: waiting in ${findUnfinished(hops)?.hop.destination ?? 'a queue'}`
    case 'completed':
      return 'Completed'
  }
}

function shortClass(exceptionClass: string | null): string | null {
  return exceptionClass?.split('.').at(-1)?.split(/[$+]/).at(-1) ?? null
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}
