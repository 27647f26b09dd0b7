import type { JoinedHop } from '#domain/flow/join-hops.ts'
import type { FlowFacts } from '#domain/flow/flow.ts'
import { keyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import { printCount, printDuration } from '#domain/lag/print-lag.ts'

/** Pairs and services that are named one by one; the others are counted. */
const MOST_NAMED = 3

/** Sentences on what makes a flow less certain than it looks; empty when nothing does. */
export function describeDoubts(
  index: SpanIndex,
  hops: readonly JoinedHop[],
  { bridges = [], silentPolls = [] }: Pick<FlowFacts, 'bridges' | 'silentPolls'> = {},
): readonly string[] {
  return [
    ...describeSkew(hops),
    ...describeDroppedLinks(index),
    ...describeReversed(index),
    ...describeBridges(index, bridges),
    ...describeSilentPolls(silentPolls),
  ]
}

/** Where no span leads on, what was assumed is said. */
function describeBridges(index: SpanIndex, bridges: NonNullable<FlowFacts['bridges']>): readonly string[] {
  const reasons = new Map<string, number>()
  for (const { from, by } of bridges) {
    const service = index.byKey.get(keyOf(from))?.service ?? 'a service'
    const reason = by === 'key' ? 'the record key' : 'the order of events'
    reasons.set(`${service} by ${reason}`, (reasons.get(`${service} by ${reason}`) ?? 0) + 1)
  }
  return withRest(
    [...reasons].map(([reason, count]) => `${reason} (${printCount(count)} times)`),
    (names) => `No span leads from what was taken to what was sent on; that is concluded: ${names}.`,
  )
}

/** What cannot be told is said, with what would let it be told. */
function describeSilentPolls(polls: NonNullable<FlowFacts['silentPolls']>): readonly string[] {
  return withRest(
    polls.map(({ service, destination }) => `${service} from ${destination}`),
    (names) =>
      `Messages were taken at that time by spans that name none of them: ${names}. Whether this flow’s are among them cannot be told: the envelope of SNS hides their context (raw delivery, or reading the context from the payload, shows it).`,
  )
}

/** Clocks that disagree are seen where a message was taken before it was sent; the worst of each pair is said. */
function describeSkew(hops: readonly JoinedHop[]): readonly string[] {
  const worst = new Map<string, number>()
  for (const { hop } of hops) {
    if (!hop.isSkewed || hop.dwellUs === null) continue
    const pair = `${hop.sender?.service ?? 'a sender that was not seen'} and ${hop.receiver?.service ?? 'its receiver'}`
    worst.set(pair, Math.max(worst.get(pair) ?? 0, -hop.dwellUs))
  }
  const pairs = [...worst].toSorted(([, a], [, b]) => b - a)
  return withRest(
    pairs.map(([pair, us]) => `${pair} by at least ${printDuration(us / 1_000)}`),
    (names) => `The clocks disagree: ${names}. Such a wait is drawn where the clocks put it and counts as negative.`,
  )
}

function describeDroppedLinks({ spans }: SpanIndex): readonly string[] {
  const dropped = new Map<string, number>()
  for (const { service, droppedLinkCount } of spans)
    if (droppedLinkCount > 0) dropped.set(service, (dropped.get(service) ?? 0) + droppedLinkCount)
  return withRest(
    [...dropped].map(([service, count]) => `${service} ${printCount(count)}`),
    (names) =>
      `Links to messages were dropped by the SDK before they were sent to us: ${names}. Deliveries of these messages may be missing.`,
  )
}

function describeReversed({ spans }: SpanIndex): readonly string[] {
  const reversed = new Set(spans.filter(({ isReversed }) => isReversed === true).map(({ service }) => service))
  const count = spans.reduce((sum, { isReversed }) => sum + (isReversed === true ? 1 : 0), 0)
  const what = count === 1 ? '1 span ends before it starts' : `${printCount(count)} spans end before they start`
  return withRest(
    [...reversed],
    (names) => `${what}, as the senders say: ${names}. Such a span is drawn without a length.`,
  )
}

function withRest(names: readonly string[], say: (names: string) => string): readonly string[] {
  if (names.length === 0) return []
  const rest = names.length - MOST_NAMED
  return [say(`${names.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`)]
}
