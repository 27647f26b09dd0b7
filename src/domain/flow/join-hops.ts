import { findMessageSpans, type MessageSpans } from '#domain/flow/find-message-spans.ts'
import type { FlowFacts, FlowOperationItem, Hop, HopOutcome, SpanRef } from '#domain/flow/flow.ts'
import { findCutSenders, groupByMessageKey } from '#domain/flow/find-cut-senders.ts'
import { markUnclear } from '#domain/flow/mark-unclear.ts'
import { createSenderResolver, type FoundSender } from '#domain/flow/resolve-senders.ts'
import { endUsOf, hasFailed, isReceiver, keyOf, parentKeyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import { parsePosition } from '#domain/position.ts'
import { inputCountOf } from '#domain/trace/batch-outputs.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** A hop with the spans at its ends. */
export interface JoinedHop {
  readonly hop: Hop
  readonly sender: SpanRecord | null
  readonly receiver: SpanRecord | null
  readonly item: FlowOperationItem | null
  /** Whether the same message was tried again elsewhere (retry topic, redrive), so that a failure is not its end. */
  readonly isContinued: boolean
}

export interface JoinedHops {
  readonly hops: readonly JoinedHop[]
  readonly coveredReceives: ReadonlySet<string>
  /** Deliveries beyond what one flow holds. */
  readonly omittedCount: number
}

export const refOf = (span: SpanRecord): SpanRef => ({
  traceId: span.traceId,
  spanId: span.spanId,
  service: span.service,
})

/** Deliveries that one flow holds: batches that link to the same thousand messages multiply them. */
const MOST_HOPS = 100_000
/** Between two pauses. */
const HOPS_AT_ONCE = 10_000

/** One hop per delivery and input message, and one per message (or copy) that no receiver was seen for. Pauses between its parts. */
export function* joinHops(facts: FlowFacts, index: SpanIndex): Generator<void, JoinedHops> {
  const messageSpans = findMessageSpans(index)
  yield
  const used = new Set<SpanRecord | FlowOperationItem>()
  const found = findSenders(index, messageSpans, used)
  yield
  const context = { index, carriers: messageSpans.carriers, twins: countTwins(index) }
  const hops: JoinedHop[] = []
  let omittedCount = 0
  for (const [receiver, senders] of found) {
    const room = MOST_HOPS - hops.length
    const inputs = senders.length === 0 ? [null] : senders
    omittedCount += Math.max(0, inputs.length - room)
    for (const sender of inputs.slice(0, room)) {
      hops.push(received(context, receiver, sender, senders.length > 1))
      if (hops.length % HOPS_AT_ONCE === 0) yield
    }
  }
  const unseen = notReceived(facts, messageSpans, used)
  const room = MOST_HOPS - hops.length
  omittedCount += Math.max(0, unseen.length - room)
  yield
  const numbered = numberAttempts([...hops, ...unseen.slice(0, room)])
  yield
  return {
    hops: markUnclear(numbered, index),
    coveredReceives: messageSpans.coveredReceives,
    omittedCount,
  }
}

/** Whose messages each receiver took. Adds to `used` what anybody took. */
function findSenders(
  index: SpanIndex,
  messageSpans: MessageSpans,
  used: Set<SpanRecord | FlowOperationItem>,
): ReadonlyMap<SpanRecord, readonly FoundSender[]> {
  const resolver = createSenderResolver(index, messageSpans)
  const found = new Map(messageSpans.receivers.map((receiver) => [receiver, resolver.resolve(receiver)]))
  // Receivers below one poll may share its answer.
  for (const senders of new Set(found.values())) use(senders, used)
  const sendersByKey = groupByMessageKey(messageSpans.senders)
  for (const [receiver, senders] of found) {
    const cut = findCutSenders(index, receiver, sendersByKey, used)
    use(cut, used)
    if (cut.length > 0) found.set(receiver, [...senders, ...cut])
  }
  return found
}

function use(senders: readonly FoundSender[], used: Set<SpanRecord | FlowOperationItem>): void {
  for (const { span, item } of senders) for (const one of [span, item]) if (one !== null) used.add(one)
}

interface JoinContext {
  readonly index: SpanIndex
  readonly carriers: ReadonlyMap<string, SpanRecord>
  /** Receivers that began at the same time below the same parent, by {@link twinKeyOf}. */
  readonly twins: ReadonlyMap<string, number>
}

function received(
  { index, carriers, twins }: JoinContext,
  receiver: SpanRecord,
  found: FoundSender | null,
  isOneOfSeveral: boolean,
): JoinedHop {
  const sender = found?.span ?? null
  const item = found?.item ?? null
  const facts = receiver.messaging
  // A receiver of many messages has no single place; the sender of each knows it, if anybody does.
  const isSingle = (facts?.batchCount ?? 1) <= 1
  const place = isSingle && facts?.offset !== null ? facts : (sender?.messaging ?? facts)
  const itemPlace = item?.targetPosition === null || item === null ? null : parsePosition(item.targetPosition)
  const receivedUs = receivedUsOf(receiver, index)
  const carrier = sender === null ? null : (carriers.get(keyOf(sender)) ?? sender)
  const sentUs = item?.sentUs ?? (carrier === null ? null : sentUsOf(carrier, receivedUs))
  const dwellUs = sentUs === null ? null : receivedUs - sentUs
  const hop: Hop = {
    id: `${sender === null ? (item === null ? '' : keyOf(item)) : keyOf(sender)}>${keyOf(receiver)}`,
    system: facts?.system ?? sender?.messaging?.system ?? 'unknown',
    destination: facts?.destination ?? sender?.messaging?.destination ?? item?.targetDestination ?? 'unknown',
    partition: place?.partition ?? itemPlace?.lane ?? null,
    offset: place?.offset ?? itemPlace?.sequence ?? null,
    messageId: facts?.messageId ?? sender?.messaging?.messageId ?? null,
    sender: sender === null ? (item === null ? null : refOfItem(item)) : refOf(sender),
    receiver: refOf(receiver),
    consumerGroup: facts?.consumerGroup ?? null,
    attribution: null,
    attempt: null,
    outcome: hasFailed(receiver) ? 'failed' : 'processed',
    sentUs,
    receivedUs,
    settledUs: settledUsOf(index, receiver),
    dwellUs,
    isSkewed: dwellUs !== null && dwellUs < 0,
    isDwellBounded: isOneOfSeveral || standsForSeveral(receiver, index, twins),
    joinedBy: found?.evidence ?? 'none',
    oneOf: null,
  }
  return { hop, sender, receiver, item, isContinued: false }
}

/**
 * When the message left. A send span ends when the broker's acknowledgement arrives, which may be after the receiver
 * got the message; only a receiver that was earlier than the begin of the send has a clock that disagrees.
 */
function sentUsOf(sender: SpanRecord, receivedUs: number): number {
  return receivedUs >= endUsOf(sender) ? endUsOf(sender) : sender.startUs
}

/**
 * When the application got hold of the message. A poll ends when the broker answers, and may have begun before the
 * message was sent. A receive span without a count begins with the hand-over inside the client; what the application
 * does with the message then stands below it.
 */
function receivedUsOf(receiver: SpanRecord, index: SpanIndex): number {
  const { messaging, links } = receiver
  if (messaging?.operation !== 'receive') return receiver.startUs
  if (links.length > 0 || messaging.batchCount !== null) return endUsOf(receiver)
  const work = (index.childrenOf.get(keyOf(receiver)) ?? []).find((child) => child.messaging === null)
  return work === undefined ? receiver.startUs : Math.max(receiver.startUs, work.startUs)
}

/** Whether the span's times are those of a batch: its own, or the poll's around it. */
function standsForSeveral(receiver: SpanRecord, index: SpanIndex, twins: JoinContext['twins']): boolean {
  const poll = index.byKey.get(parentKeyOf(receiver) ?? '')
  const isPolled = poll?.messaging?.operation === 'receive' && inputCountOf(poll) > 1
  const hasTwin = (twins.get(twinKeyOf(receiver)) ?? 0) > 1
  return inputCountOf(receiver) > 1 || (isPolled && (poll.startUs === receiver.startUs || hasTwin))
}

const twinKeyOf = (receiver: SpanRecord): string => `${parentKeyOf(receiver)}@${receiver.startUs}`

function countTwins({ spans }: SpanIndex): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const span of spans) {
    if (!isReceiver(span) || span.parentSpanId === null) continue
    const key = twinKeyOf(span)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

function settledUsOf(index: SpanIndex, receiver: SpanRecord): number {
  const settle = (index.childrenOf.get(keyOf(receiver)) ?? []).find((child) => child.messaging?.operation === 'settle')
  return settle === undefined ? endUsOf(receiver) : endUsOf(settle)
}

function notReceived(
  facts: FlowFacts,
  { senders }: MessageSpans,
  used: ReadonlySet<SpanRecord | FlowOperationItem>,
): JoinedHop[] {
  const unseenSenders = senders.filter((sender) => !used.has(sender))
  const unseenItems = facts.operationItems.filter((item) => !used.has(item))
  return [
    ...unseenSenders.map((sender): JoinedHop => {
      const hop = waitingHop(keyOf(sender), refOf(sender), endUsOf(sender), hasFailed(sender) ? 'failed' : 'in-flight')
      const { system, destination, partition, offset, messageId } = sender.messaging ?? NO_FACTS
      return {
        hop: { ...hop, system, destination: destination ?? 'unknown', partition, offset, messageId },
        sender,
        receiver: null,
        item: null,
        isContinued: false,
      }
    }),
    ...unseenItems.map((item): JoinedHop => {
      const position = item.targetPosition === null ? null : parsePosition(item.targetPosition)
      const hop = waitingHop(keyOf(item), refOfItem(item), item.sentUs, ITEM_OUTCOMES[item.outcome])
      return {
        hop: {
          ...hop,
          destination: item.targetDestination,
          partition: position?.lane ?? null,
          offset: position?.sequence ?? null,
        },
        sender: null,
        receiver: null,
        item,
        isContinued: false,
      }
    }),
  ]
}

const NO_FACTS = { system: 'unknown', destination: null, partition: null, offset: null, messageId: null }

const ITEM_OUTCOMES: Readonly<Record<FlowOperationItem['outcome'], HopOutcome>> = {
  unknown: 'in-flight',
  processed: 'processed',
  'failed-again': 'failed',
  'not-seen': 'unknown',
}

const refOfItem = (item: FlowOperationItem): SpanRef => ({
  traceId: item.traceId,
  spanId: item.spanId,
  service: 'throughline',
})

function waitingHop(senderKey: string, sender: SpanRef, sentUs: number, outcome: HopOutcome): Hop {
  return {
    id: `${senderKey}>`,
    system: 'unknown',
    destination: 'unknown',
    partition: null,
    offset: null,
    messageId: null,
    sender,
    receiver: null,
    consumerGroup: null,
    attribution: null,
    attempt: null,
    outcome,
    sentUs,
    receivedUs: null,
    settledUs: null,
    dwellUs: null,
    isSkewed: false,
    isDwellBounded: false,
    joinedBy: 'none',
    oneOf: null,
  }
}

/** Deliveries of one message to one consumer, in order of time, are its attempts. */
function numberAttempts(hops: readonly JoinedHop[]): JoinedHop[] {
  const counts = new Map<string, number>()
  const ordered = hops.toSorted((a, b) => (a.hop.receivedUs ?? Infinity) - (b.hop.receivedUs ?? Infinity))
  return ordered.map((joined) => {
    const { hop, receiver } = joined
    if (receiver === null || !isReceiver(receiver)) return joined
    const identity = messageIdentity(joined)
    const attempt = (counts.get(identity) ?? 0) + 1
    counts.set(identity, attempt)
    return { ...joined, hop: { ...hop, attempt } }
  })
}

/** The message and who takes it; a message without any identity is only itself. */
export function messageIdentity({ hop, sender, item, receiver }: JoinedHop): string {
  const consumer = hop.consumerGroup ?? receiver?.service ?? ''
  // A retry that the library sends again keeps the id of the message; short ids are counters.
  const isNamed = hop.messageId !== null && hop.messageId.length >= 8 && item === null
  const message = isNamed
    ? hop.messageId
    : sender !== null
      ? keyOf(sender)
      : item !== null
        ? keyOf(item)
        : hop.partition !== null && hop.offset !== null
          ? `${hop.partition}@${hop.offset}`
          : (hop.messageId ?? hop.id)
  return `${consumer}\u0000${hop.destination}\u0000${message}`
}
