import { attributeConsumer, type ConsumerAttribution } from '#domain/flow/attribute-consumer.ts'
import {
  type DestinationReader,
  expectedReaders,
  type FlowWitnesses,
  readersOfSystem,
  withSeenReaders,
} from '#domain/flow/destination-reader.ts'
import type { FlowDeliveries, FlowDelivery } from '#domain/flow/flow.ts'
import type { JoinedHop } from '#domain/flow/join-hops.ts'
import { judgeDelivery } from '#domain/flow/judge-delivery.ts'
import { keyOf } from '#domain/flow/span-index.ts'
import { parsePosition } from '#domain/position.ts'
import { printDuration } from '#domain/lag/print-lag.ts'

/** Messages judged on one page; beyond it the flow is a batch job, and its groups are what matters. */
const MAX_MESSAGES = 2_000

/** Says for each hop for which group its receiver took the message. */
export function attributeHops(hops: readonly JoinedHop[], witnesses: FlowWitnesses): readonly JoinedHop[] {
  const readers = withSeenReaders(witnesses.readers, witnesses.seenReceivers)
  // Thousands of messages are taken by the same few.
  const known = new Map<string, ConsumerAttribution>()
  return hops.map((joined) => {
    const { hop, receiver } = joined
    if (receiver === null) return joined
    const { service, messaging } = receiver
    const { destination, consumerGroup, system } = hop
    const clientId = messaging?.clientId ?? null
    const hosts = witnesses.hostsOfService.get(service) ?? []
    const taker = JSON.stringify([service, destination, consumerGroup, clientId, system])
    const attribution =
      known.get(taker) ??
      attributeConsumer({ service, destination, consumerGroup, clientId, hosts }, readersOfSystem(readers, system))
    known.set(taker, attribution)
    return { ...joined, hop: { ...hop, attribution } }
  })
}

/** One message with everything that is known of its deliveries. */
interface SentMessage {
  readonly id: string
  readonly hops: JoinedHop[]
}

/** For each message and each group that should take it, what became of it; and the count as a sentence. */
export function judgeFlow(hops: readonly JoinedHop[], witnesses: FlowWitnesses): FlowDeliveries {
  const readers = withSeenReaders(witnesses.readers, witnesses.seenReceivers)
  const traced = tracedGroups(readers, witnesses)
  const deliveries: FlowDelivery[] = []
  for (const message of messagesOf(hops)) {
    const { destination, system } = destinationOf(message)
    const took = message.hops.map(({ hop }) => hop.attribution?.clusterId ?? null)
    const expected = expectedReaders(readersOfSystem(readers, system), destination, took)
    for (const reader of expected) deliveries.push(judgeOne(message, destination, reader, traced, witnesses))
  }
  return { deliveries, sentence: sayConsumed(deliveries) }
}

function messagesOf(hops: readonly JoinedHop[]): readonly SentMessage[] {
  const messages = new Map<string, SentMessage>()
  for (const joined of hops) {
    const { hop, sender, item, receiver } = joined
    // A send that failed sent nothing; one into a dead-letter place is parked there, not on its way.
    if (receiver === null && hop.outcome !== 'in-flight' && hop.outcome !== 'waiting' && item === null) continue
    const place = hop.offset === null ? hop.messageId : `${hop.destination}@${hop.partition ?? ''}@${hop.offset}`
    const id = sender !== null ? keyOf(sender) : item !== null ? keyOf(item) : place
    if (id === null) continue
    const known = messages.get(id)
    if (known !== undefined) known.hops.push(joined)
    else if (messages.size < MAX_MESSAGES) messages.set(id, { id, hops: [joined] })
  }
  return [...messages.values()]
}

function destinationOf({ hops }: SentMessage): { destination: string; system: string } {
  const [first] = hops
  const destination = first?.sender?.messaging?.destination ?? first?.item?.targetDestination ?? first?.hop.destination
  return { destination: destination ?? 'unknown', system: first?.hop.system ?? 'unknown' }
}

function judgeOne(
  message: SentMessage,
  destination: string,
  reader: DestinationReader,
  traced: ReadonlySet<string>,
  { nowMs }: FlowWitnesses,
): FlowDelivery {
  const [first] = message.hops
  const there = message.hops.filter(({ hop, receiver }) => receiver !== null && hop.destination === reader.destination)
  const taken = there.findLast(({ hop }) => hop.attribution?.group === reader.group) ?? null
  const unattributed = there.filter(({ hop }) => hop.attribution?.group === null)
  const sentUs = first?.hop.sentUs ?? null
  const verdict = judgeDelivery({
    sentMs: sentUs === null ? null : sentUs / 1_000,
    place: placeIn(message, reader.destination),
    reader,
    takenAs: taken === null ? null : sayTaken(taken.hop),
    unattributedServices: [...new Set(unattributed.flatMap(({ hop }) => hop.receiver?.service ?? []))],
    isTraced: traced.size === 0 ? null : traced.has(`${reader.destination}\0${reader.group}`),
    nowMs,
  })
  return {
    id: `${message.id}>${reader.clusterId ?? ''}/${reader.group}@${reader.destination}`,
    ...verdict,
    destination,
    readFrom: reader.destination,
    group: reader.group,
    clusterId: reader.clusterId,
    senderService: first?.hop.sender?.service ?? null,
    sentUs,
    hopId: (taken ?? first)?.hop.id ?? null,
  }
}

/** Often only another receiver of the same message knows where it is. */
function placeIn({ hops }: SentMessage, destination: string): { lane: string; position: number } | null {
  for (const { hop, item, sender } of hops) {
    if ((sender?.messaging?.batchCount ?? 1) > 1) return null
    if (hop.destination === destination && hop.offset !== null && /^\d{1,15}$/.test(hop.offset))
      return { lane: hop.partition ?? '0', position: Number(hop.offset) }
    const target =
      item?.targetPosition === undefined || item.targetPosition === null ? null : parsePosition(item.targetPosition)
    if (target !== null && item?.targetDestination === destination && /^\d{1,15}$/.test(target.sequence))
      return { lane: target.lane, position: Number(target.sequence) }
  }
  return null
}

const OUTCOMES: Readonly<Record<string, string>> = {
  processed: 'processed',
  failed: 'failed',
  'dead-lettered': 'dead-lettered',
}

function sayTaken(hop: JoinedHop['hop']): string {
  const by = hop.receiver === null ? '' : ` by ${hop.receiver.service}`
  const after = hop.dwellUs === null || hop.isSkewed ? '' : ` after ${printDuration(hop.dwellUs / 1_000)} in queue`
  const attempt = hop.attempt === null || hop.attempt === 1 ? '' : `, attempt ${hop.attempt}`
  return `taken${by}${after}: ${OUTCOMES[hop.outcome] ?? 'outcome unknown'}${attempt}`
}

/** Groups of which messages were seen being taken lately. */
function tracedGroups(readers: readonly DestinationReader[], witnesses: FlowWitnesses): ReadonlySet<string> {
  const traced = new Set<string>()
  for (const { destination, service, consumerGroup } of witnesses.seenReceivers) {
    const hosts = witnesses.hostsOfService.get(service) ?? []
    const { group }: ConsumerAttribution = attributeConsumer(
      { service, destination, consumerGroup, clientId: null, hosts },
      readers,
    )
    if (group !== null) traced.add(`${destination}\0${group}`)
  }
  return traced
}

/** `payments consumed by 1 of 2 groups`; null when nobody was expected to take anything. */
function sayConsumed(deliveries: readonly FlowDelivery[]): string | null {
  if (deliveries.length === 0) return null
  const byDestination = new Map<string, Map<string, boolean>>()
  for (const { destination, group, kind } of deliveries) {
    const groups = byDestination.get(destination) ?? new Map<string, boolean>()
    byDestination.set(destination, groups)
    groups.set(group, (groups.get(group) ?? true) && kind === 'taken')
  }
  const counts = [...byDestination].map(([destination, groups]) => ({
    destination,
    expected: groups.size,
    took: [...groups.values()].filter(Boolean).length,
  }))
  const incomplete = counts.filter(({ expected, took }) => took < expected)
  const [first] = counts
  if (counts.length === 1 && first !== undefined) return `consumed by ${first.took} of ${sayGroups(first.expected)}`
  if (incomplete.length === 0) return 'consumed by every group that should take it'
  return incomplete
    .map(({ destination, expected, took }) => `${destination} consumed by ${took} of ${sayGroups(expected)}`)
    .join(', ')
}

const sayGroups = (count: number): string => `${count} ${count === 1 ? 'group' : 'groups'}`
