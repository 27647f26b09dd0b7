import type { Hop } from '#domain/flow/flow.ts'
import { isDeadLetterName } from '#domain/dead-letter/is-dead-letter-name.ts'
import { type JoinedHop, messageIdentity } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { findAncestor, hasFailed, isReceiver, isSender, type SpanIndex, walkBelow } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** Destinations that hold a message back between two tries: `orders-retry-0`, `orders.retry`, `orders-retry-5000`. */
export const RETRY_DESTINATION = /[-._]retry(?:[-._]?\w+)?$/i

/**
 * What only the whole flow tells about a hop: that it ended in a dead letter, and the count of attempts carried over
 * retry topics and redrives, so that a redriven copy's first delivery is not "attempt 1" again.
 */
export function settleOutcomes(
  hops: readonly JoinedHop[],
  placed: readonly PlacedDeadLetter[],
  index: SpanIndex,
): readonly JoinedHop[] {
  const hopsByReceiver = new Map<SpanRecord, JoinedHop[]>()
  for (const joined of hops) {
    if (joined.receiver === null) continue
    const known = hopsByReceiver.get(joined.receiver)
    if (known === undefined) hopsByReceiver.set(joined.receiver, [joined])
    else known.push(joined)
  }
  const enclosing = (span: SpanRecord) => findAncestor(index, span, (ancestor) => hopsByReceiver.has(ancestor))
  const deadSenders = new Set(placed.flatMap(({ sender }) => sender ?? []))
  for (const span of index.spans)
    if (isSender(span) && !hasFailed(span) && isDeadLetterName(span.messaging?.destination ?? '')) deadSenders.add(span)
  const deadReceivers = new Set([
    ...placed.flatMap(({ sender, failedHop }) => (sender === null ? failedHop?.receiver : []) ?? []),
    ...deadWorkers(
      hops,
      [...deadSenders].flatMap((sender) => enclosing(sender) ?? []),
    ),
  ])
  const givenUp = findGivenUp(hops, index, deadReceivers)
  const causeOf = createCauseFinder(placed, hopsByReceiver, enclosing)
  const continued = new Set(hops.map((joined) => causeOf(joined)?.receiver ?? null))
  return hops.map((joined) => {
    const isContinued = joined.receiver !== null && continued.has(joined.receiver)
    const attempt = joined.hop.attempt === null ? null : joined.hop.attempt + earlierAttempts(joined, causeOf)
    return {
      ...joined,
      isContinued,
      hop: { ...joined.hop, attempt, outcome: givenUp.get(joined) ?? outcomeOf(joined, deadSenders, deadReceivers) },
    }
  })
}

function outcomeOf(
  { hop, sender, receiver }: JoinedHop,
  deadSenders: ReadonlySet<SpanRecord>,
  deadReceivers: ReadonlySet<SpanRecord>,
): Hop['outcome'] {
  if (receiver === null) return sender !== null && deadSenders.has(sender) ? 'dead-lettered' : hop.outcome
  return deadReceivers.has(receiver) ? 'dead-lettered' : hop.outcome
}

/** Those that dead-lettered the one message that they took; of a batch nothing tells which message it was. */
function deadWorkers(hops: readonly JoinedHop[], workers: readonly SpanRecord[]): readonly SpanRecord[] {
  const inputs = Map.groupBy(hops, ({ receiver }) => receiver)
  return workers.filter((worker) => inputs.get(worker)?.length === 1)
}

/**
 * Deliveries that said nothing of a failure and were repeated. Where the message went on only in a later one, the
 * earlier one failed; where none of them says what came of it, the earlier ones are unknown.
 */
function findGivenUp(
  hops: readonly JoinedHop[],
  index: SpanIndex,
  deadReceivers: ReadonlySet<SpanRecord>,
): ReadonlyMap<JoinedHop, Hop['outcome']> {
  const found = new Map<JoinedHop, Hop['outcome']>()
  const tries = Map.groupBy(
    hops.filter(({ receiver }) => receiver !== null),
    messageIdentity,
  )
  for (const attempts of tries.values()) {
    if (attempts.length < 2) continue
    const lastFirst = attempts.toSorted((a, b) => (a.hop.receivedUs ?? 0) - (b.hop.receivedUs ?? 0)).toReversed()
    let hasLaterFailed = false
    const sentLater = new Set<string | null>()
    // From the last one back, so that thousands of attempts do not each look at all later ones.
    for (const [at, joined] of lastFirst.entries()) {
      const { hop, receiver } = joined
      const sent = sentBelow(receiver, index)
      if (at > 0 && hop.outcome === 'processed' && !hasSentOn(sent, hop))
        found.set(joined, hasLaterFailed || hasSentOn(sentLater, hop) ? 'failed' : 'unknown')
      hasLaterFailed ||= hop.outcome === 'failed' || (receiver !== null && deadReceivers.has(receiver))
      for (const messageId of sent) sentLater.add(messageId)
    }
  }
  return found
}

/** Whether one of the messages is not the same message again. */
const hasSentOn = (sentIds: ReadonlySet<string | null>, { messageId }: Hop): boolean =>
  sentIds.size > (messageId !== null && sentIds.has(messageId) ? 1 : 0)

/** Ids of the messages that work below a receiver sent; null for one without an id. */
function sentBelow(receiver: SpanRecord | null, index: SpanIndex): ReadonlySet<string | null> {
  const sent = new Set<string | null>()
  if (receiver === null) return sent
  const isPlainWork = (span: SpanRecord): boolean => !isSender(span) && !isReceiver(span)
  for (const span of walkBelow(index, receiver, MAX_BELOW, isPlainWork))
    if (isSender(span)) sent.add(span.messaging?.messageId ?? null)
  return sent
}

/** Spans below a delivery that are looked at. */
const MAX_BELOW = 1_000

type CauseFinder = (joined: JoinedHop) => JoinedHop | null

/** The delivery that failed before this one: below a retry topic its forwarder, below a redrive the one that died. */
function createCauseFinder(
  placed: readonly PlacedDeadLetter[],
  hopsByReceiver: ReadonlyMap<SpanRecord, readonly JoinedHop[]>,
  enclosing: (span: SpanRecord) => SpanRecord | null,
): CauseFinder {
  const lastHopOf = (receiver: SpanRecord | null | undefined) =>
    receiver === null || receiver === undefined ? null : (hopsByReceiver.get(receiver)?.at(-1) ?? null)
  const letters = new Map(placed.map((one) => [one.letter.id, one]))
  const find: CauseFinder = ({ hop, sender, item }) => {
    if (item !== null) {
      const letter = item.deadLetterId === null ? undefined : letters.get(item.deadLetterId)
      return letter === undefined
        ? null
        : letter.sender === null
          ? letter.failedHop
          : lastHopOf(enclosing(letter.sender))
    }
    return sender !== null && RETRY_DESTINATION.test(hop.destination) ? lastHopOf(enclosing(sender)) : null
  }
  const known = new Map<JoinedHop, JoinedHop | null>()
  return (joined) => {
    const cause = known.get(joined)
    if (cause !== undefined) return cause
    const found = find(joined)
    known.set(joined, found)
    return found
  }
}

/** More retries and redrives of one message than this are not counted on. */
const MAX_CHAIN = 100

function earlierAttempts(joined: JoinedHop, causeOf: CauseFinder): number {
  let count = 0
  let current = causeOf(joined)
  for (let step = 0; current !== null && step < MAX_CHAIN; step += 1) {
    count += current.hop.attempt ?? 1
    current = causeOf(current)
  }
  return count
}
