import { type Check, spansOf } from '#domain/convention/finding.ts'
import type { MessagingSpan, ServiceSample } from '#domain/convention/observed-span.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** Clocks of one site agree within this; below it a difference says nothing. */
const LEAST_SKEW_US = 1_000
/** With fewer of its sends in traces of their own a service has its context, and begins some flows itself. */
const LEAST_BROKEN = 0.9

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

const checkLinksDropped: Check = ({ messaging }) => {
  const cut = messaging.filter(({ span }) => span.droppedLinkCount > 0)
  if (cut.length === 0) return null
  const lostCount = sumOf(cut.map(({ span }) => span.droppedLinkCount))
  return {
    kind: 'links-dropped',
    severity: 'bad',
    affected: spansOf(cut),
    judgedCount: messaging.filter(({ span }) => span.links.length > 0).length,
    what: `The SDK dropped ${lostCount} of ${lostCount + sumOf(cut.map(({ span }) => span.links.length))} links: it keeps 128 per span unless told otherwise.`,
    cost: 'As many messages are taken without a sender: their flows end at the queue.',
  }
}

const checkAttributesDropped: Check = ({ messaging }) => {
  const cut = messaging.filter(({ droppedAttributeCount }) => droppedAttributeCount > 0)
  if (cut.length === 0) return null
  return {
    kind: 'attributes-dropped',
    severity: 'warn',
    affected: spansOf(cut),
    judgedCount: messaging.length,
    what: 'The SDK dropped attributes of messaging spans.',
    cost: 'Which ones is not told: the group, the position or the id may be among them.',
  }
}

/** Messages that came without the context of their sender, by span: all of it, or some of a batch. */
const isContextLost = ({ span, facts }: MessagingSpan, sample: ServiceSample): boolean => {
  const known = span.links.length + span.droppedLinkCount
  if (facts.batchCount === 0) return false
  if (known > 0) return facts.batchCount !== null && facts.batchCount > known
  if (span.parentSpanId === null || facts.operation === 'receive') return !hasReceiverBelow(span, sample)
  return false
}

/** A poll whose messages have spans of their own, or a fetch inside a span that goes on from the sender. */
const hasReceiverBelow = (span: SpanRecord, sample: ServiceSample): boolean =>
  span.parentSpanId !== null || sample.childrenOf(span).some(({ messaging }) => messaging?.operation === 'process')

const checkContextLost: Check = (sample) => {
  const judged = sample.taken.filter(({ facts }) => facts.batchCount !== 0)
  const lost = judged.filter((one) => isContextLost(one, sample))
  if (lost.length === 0) return null
  const isQueueOfAws = lost.some(({ facts }) => facts.system === 'aws_sqs')
  return {
    kind: 'context-lost',
    severity: 'bad',
    affected: spansOf(lost),
    judgedCount: judged.length,
    what: isQueueOfAws
      ? 'Messages arrive without trace context: it is left out beyond 10 message attributes, and stays inside the body of SNS envelopes.'
      : 'Messages arrive without trace context.',
    cost: 'Nothing joins these deliveries to who sent them, unless both sides name the message.',
  }
}

/**
 * What a consumer sends in traces of its own: the step from taking to sending is in no span relation. A service that
 * sends something below what it took has its context; what it begins anew it begins on purpose, and so does one that
 * fills a queue of its own.
 */
const checkBrokenInConsumer: Check = (sample) => {
  const taken = new Set(sample.taken.map(({ facts }) => facts.destination))
  const judged = sample.sent.filter(
    ({ facts, span }) => (facts.operation === 'create' || span.kind === 'producer') && !taken.has(facts.destination),
  )
  const broken = judged.filter(({ span }) => span.parentSpanId === null && span.links.length === 0)
  if (taken.size === 0 || broken.length === 0 || broken.length < judged.length * LEAST_BROKEN) return null
  return {
    kind: 'broken-in-consumer',
    severity: 'bad',
    affected: spansOf(broken),
    judgedCount: judged.length,
    what: 'What this service sends begins a new trace, although it also takes messages.',
    cost: 'A flow breaks in here: what was taken and what was sent for it are joined by a correlation id or not at all.',
  }
}

interface Pair {
  readonly taken: SpanRecord
  readonly sender: SpanRecord
}

const pairsOf = (sample: ServiceSample): readonly Pair[] =>
  sample.taken.flatMap(({ span }) => sample.sendersOf(span).map((sender) => ({ taken: span, sender })))

const checkDestinations: Check = (sample) => {
  const pairs = pairsOf(sample).filter(({ sender }) => sender.messaging?.destination !== null)
  const differing = pairs.filter(({ taken, sender }) => taken.messaging?.destination !== sender.messaging?.destination)
  const [first] = differing
  if (first === undefined) return null
  return {
    kind: 'destination-differs',
    severity: 'note',
    affected: [...new Set(differing.map(({ taken }) => taken))],
    judgedCount: new Set(pairs.map(({ taken }) => taken)).size,
    what: `The two sides name different places: sent to "${first.sender.messaging?.destination}", taken from "${first.taken.messaging?.destination}".`,
    cost: 'Who should take a message is known only from those who did, and dwell stands at the place it was taken from.',
  }
}

const checkSkew: Check = (sample) => {
  // A long poll begins before its message exists: only spans of one message can be ahead of their sender.
  const pairs = pairsOf(sample).filter(
    ({ taken }) => taken.messaging?.operation === 'process' && taken.links.length <= 1,
  )
  const ahead = pairs.filter(({ taken, sender }) => taken.startUs < sender.startUs - LEAST_SKEW_US)
  if (ahead.length === 0) return null
  const worstUs = Math.max(...ahead.map(({ taken, sender }) => sender.startUs - taken.startUs))
  return {
    kind: 'clock-skew',
    severity: 'warn',
    affected: ahead.map(({ taken }) => taken),
    judgedCount: pairs.length,
    what: `Messages were taken up to ${Math.round(worstUs / 1000)} ms before they were sent: the clocks differ.`,
    cost: 'Time in queue between these services is wrong by as much; it is shown as skewed, not corrected.',
  }
}

/** How spans refer to those who sent, and to each other. */
export const RELATION_CHECKS: readonly Check[] = [
  checkContextLost,
  checkBrokenInConsumer,
  checkLinksDropped,
  checkAttributesDropped,
  checkSkew,
  checkDestinations,
]
