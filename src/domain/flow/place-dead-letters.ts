import type { FlowDeadLetter, FlowFacts, FlowOperationItem } from '#domain/flow/flow.ts'
import type { JoinedHop } from '#domain/flow/join-hops.ts'
import { endUsOf, isSender, keyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import { parsePosition } from '#domain/position.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

export interface PlacedDeadLetter {
  readonly letter: FlowDeadLetter
  /** The span that sent it to the dead-letter place; null when the broker moved it or the send was not traced. */
  readonly sender: SpanRecord | null
  /** Without a sender: the delivery that failed; null when that is not known either. */
  readonly failedHop: JoinedHop | null
  /** Copies of it that operations sent back, by time. */
  readonly items: readonly FlowOperationItem[]
}

/** Finds where on the flow each dead letter belongs: by the span that it names, by position, else by place and time. */
export function placeDeadLetters(
  facts: FlowFacts,
  index: SpanIndex,
  hops: readonly JoinedHop[],
): readonly PlacedDeadLetter[] {
  const taken = new Set<SpanRecord>()
  const sendersByPlace = new Map<string, SpanRecord[]>(facts.deadLetters.map(({ destination }) => [destination, []]))
  for (const span of index.spans) {
    if (isSender(span)) sendersByPlace.get(span.messaging?.destination ?? '')?.push(span)
  }
  return facts.deadLetters
    .toSorted((a, b) => a.deadUs - b.deadUs)
    .map((letter) => {
      const sender = findSender(letter, index, sendersByPlace.get(letter.destination) ?? [], taken)
      if (sender !== null) taken.add(sender)
      return {
        letter,
        sender,
        failedHop: sender === null ? findFailedHop(letter, hops) : null,
        items: facts.operationItems
          .filter((item) => item.deadLetterId === letter.id)
          .toSorted((a, b) => a.sentUs - b.sentUs),
      }
    })
}

function findSender(
  letter: FlowDeadLetter,
  index: SpanIndex,
  senders: readonly SpanRecord[],
  taken: ReadonlySet<SpanRecord>,
): SpanRecord | null {
  const named = namedSpan(letter, index)
  if (named !== null && isSender(named) && named.messaging?.destination === letter.destination) return named
  const candidates = senders.filter((span) => !taken.has(span))
  const position = parsePosition(letter.position)
  const exact = candidates.find(
    ({ messaging }) =>
      position !== null && messaging?.offset === position.sequence && messaging.partition === position.lane,
  )
  if (exact !== undefined) return exact
  const distance = (span: SpanRecord) => Math.abs(endUsOf(span) - letter.deadUs)
  return candidates.reduce<SpanRecord | null>(
    (nearest, span) => (nearest === null || distance(span) < distance(nearest) ? span : nearest),
    null,
  )
}

function findFailedHop(letter: FlowDeadLetter, hops: readonly JoinedHop[]): JoinedHop | null {
  const key = letter.traceId === null || letter.spanId === null ? null : `${letter.traceId}:${letter.spanId}`
  const deliveries = hops.filter(({ receiver }) => receiver !== null)
  const ofNamed = deliveries.filter(
    ({ sender, receiver, item }) =>
      key !== null &&
      ((sender !== null && keyOf(sender) === key) ||
        (receiver !== null && keyOf(receiver) === key) ||
        (item !== null && keyOf(item) === key)),
  )
  const ofOrigin = deliveries.filter(({ hop }) => hop.destination === letter.originDestination)
  for (const group of [ofNamed, ofOrigin]) {
    const failed = group.filter(({ hop }) => hop.outcome === 'failed')
    const last = (failed.length > 0 ? failed : group).filter(({ hop }) => (hop.receivedUs ?? 0) <= letter.deadUs).at(-1)
    if (last !== undefined) return last
  }
  return null
}

function namedSpan(letter: FlowDeadLetter, index: SpanIndex): SpanRecord | null {
  if (letter.traceId === null || letter.spanId === null) return null
  return index.byKey.get(`${letter.traceId}:${letter.spanId}`) ?? null
}
