import type { Flow, Hop, TimeShare } from '#domain/flow/flow.ts'

/** One way that messages of a flow went: from a service over a destination to a service. */
export interface PathStep {
  readonly key: string
  /** null = the sender, or the receiver, was not seen. */
  readonly sender: string | null
  readonly destination: string
  readonly receiver: string | null
}

/** What a flow adds to a comparison. */
export interface ComparedFlow {
  readonly flowKey: string
  readonly durationUs: number
  readonly shares: Readonly<Record<TimeShare['kind'], number>>
  /** In order of time. */
  readonly hops: readonly Hop[]
}

export const stepOf = (hop: Hop): PathStep => {
  const sender = hop.sender?.service ?? null
  const receiver = hop.receiver?.service ?? null
  return { key: JSON.stringify([sender, hop.destination, receiver]), sender, destination: hop.destination, receiver }
}

const NO_TIME: ComparedFlow['shares'] = { processing: 0, queue: 0, 'back-off': 0, parked: 0, idle: 0 }

const momentOf = ({ sentUs, receivedUs }: Hop): number => sentUs ?? receivedUs ?? 0

/**
 * Cuts a flow to what is compared. `part`: the hops before the first copy that an operation of ours sent, or from it on;
 * null = all of it, also when no operation touched it.
 */
export function cutComparedFlow(
  flow: Pick<Flow, 'summary' | 'hops' | 'timeShares' | 'operationItems'>,
  part: 'before' | 'after' | null,
): ComparedFlow {
  const copiedUs = Math.min(...flow.operationItems.map(({ sentUs }) => sentUs))
  const { startedUs, endedUs, flowKey } = flow.summary
  const isCut = part !== null && Number.isFinite(copiedUs)
  const isAfter = part === 'after'
  const fromUs = isCut && isAfter ? copiedUs : startedUs
  const hops = flow.hops
    .filter((hop) => !isCut || momentOf(hop) >= copiedUs === isAfter)
    .toSorted((left, right) => momentOf(left) - momentOf(right))
  const lastUs = Math.max(fromUs, ...hops.map((hop) => hop.settledUs ?? hop.receivedUs ?? hop.sentUs ?? fromUs))
  const toUs = isCut && !isAfter ? lastUs : endedUs
  return { flowKey, durationUs: Math.max(0, toUs - fromUs), shares: sumShares(flow.timeShares, fromUs, toUs), hops }
}

function sumShares(shares: readonly TimeShare[], fromUs: number, toUs: number): ComparedFlow['shares'] {
  const sums: Record<TimeShare['kind'], number> = { ...NO_TIME }
  for (const { kind, startUs, durationUs } of shares) {
    sums[kind] += Math.max(0, Math.min(startUs + durationUs, toUs) - Math.max(startUs, fromUs))
  }
  return sums
}
