import type { Hop } from '#domain/flow/flow.ts'
import type { JoinedHop } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { findAncestor, type SpanIndex } from '#domain/flow/span-index.ts'
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
  const deadReceivers = new Set(
    placed.flatMap(({ sender, failedHop }) => (sender === null ? failedHop?.receiver : enclosing(sender)) ?? []),
  )
  const causeOf = createCauseFinder(placed, hopsByReceiver, enclosing)
  const continued = new Set(hops.map((joined) => causeOf(joined)?.receiver ?? null))
  return hops.map((joined) => {
    const isContinued = joined.receiver !== null && continued.has(joined.receiver)
    const attempt = joined.hop.attempt === null ? null : joined.hop.attempt + earlierAttempts(joined, causeOf)
    return {
      ...joined,
      isContinued,
      hop: { ...joined.hop, attempt, outcome: outcomeOf(joined, deadSenders, deadReceivers) },
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
  return ({ hop, sender, item }) => {
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
