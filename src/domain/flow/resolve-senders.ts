import type { FlowOperationItem, JoinEvidence } from '#domain/flow/flow.ts'
import type { MessageSpans } from '#domain/flow/find-message-spans.ts'
import { isReceiver, isSender, keyOf, parentKeyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import type { MessagingFacts, SpanLink, SpanRecord } from '#domain/trace/span.ts'

export interface FoundSender {
  readonly span: SpanRecord | null
  readonly item: FlowOperationItem | null
  readonly evidence: JoinEvidence
}

/** Client hand-over spans (receive before process) and wrappers between a receiver and its sender. */
const MAX_STEPS = 4

/** Message ids shorter than this are counters, not identities. */
const MIN_MESSAGE_ID_LENGTH = 8

export interface SenderResolver {
  /** The senders of the messages that this span received, by the strongest evidence there is; empty when nothing tells. */
  resolve(receiver: SpanRecord): readonly FoundSender[]
}

/**
 * Joins the halves of hops one message at a time: a receiver is joined to the spans that its own links or parent name,
 * else by message id, else by place in the log. Never by trace, so a poll of 500 messages does not weld 500 flows.
 */
export function createSenderResolver(index: SpanIndex, { senders }: MessageSpans): SenderResolver {
  const byMessageId = new Map<string, SpanRecord>()
  const byPosition = new Map<string, SpanRecord>()
  for (const sender of senders) {
    const idKey = messageIdKey(sender.messaging)
    if (idKey !== null) byMessageId.set(idKey, sender)
    const positionKey = keyOfPosition(sender.messaging)
    if (positionKey !== null) byPosition.set(positionKey, sender)
  }

  const polls = Array.from({ length: MAX_STEPS + 2 }, () => new Map<SpanRecord, PolledSenders>())

  // A poll is asked by each message below it, and polls may name each other in circles: each is answered once per step.
  const fromPoll = (poll: SpanRecord, step: number): PolledSenders => {
    const known = polls[step]?.get(poll)
    if (known !== undefined) return known
    const polled = indexPolled(fromSpan(poll, step))
    polls[step]?.set(poll, polled)
    return polled
  }
  const fromReference = (
    reference: SpanLink,
    evidence: JoinEvidence,
    receiver: SpanRecord,
    step: number,
  ): readonly FoundSender[] => {
    const key = keyOf(reference)
    const item = index.itemByKey.get(key)
    if (item !== undefined) return [{ span: null, item, evidence: 'operation-item' }]
    const target = index.byKey.get(key)
    if (target === undefined) return []
    if (isSender(target)) return [{ span: target, item: null, evidence }]
    if (step >= MAX_STEPS) return []
    if (target.messaging?.operation === 'receive') return narrow(fromPoll(target, step + 1), receiver)
    if (evidence === 'parent' && target.messaging === null && target.kind === 'internal') {
      return fromParent(target, receiver, step + 1)
    }
    return []
  }
  const fromParent = (span: SpanRecord, receiver: SpanRecord, step: number): readonly FoundSender[] => {
    const parentKey = parentKeyOf(span)
    if (parentKey === null || span.parentSpanId === null) return []
    return fromReference({ traceId: span.traceId, spanId: span.parentSpanId }, 'parent', receiver, step)
  }
  const fromSpan = (span: SpanRecord, step: number): readonly FoundSender[] => {
    const linked = span.links.flatMap((link) => fromReference(link, 'link', span, step))
    return linked.length > 0 ? distinct(linked) : fromParent(span, span, step)
  }
  const fromIds = (receiver: SpanRecord): FoundSender[] => {
    const byId = lookUp(byMessageId, messageIdKey(receiver.messaging))
    if (byId !== null && byId !== receiver) return [{ span: byId, item: null, evidence: 'message-id' }]
    const byPlace = lookUp(byPosition, keyOfPosition(receiver.messaging))
    return byPlace === null || byPlace === receiver ? [] : [{ span: byPlace, item: null, evidence: 'position' }]
  }
  return {
    resolve(receiver) {
      const named = isReceiver(receiver) ? fromSpan(receiver, 0) : []
      return named.length > 0 ? named : fromIds(receiver)
    },
  }
}

/** The senders that a poll leads to, with where each stands among them by its place and its id. */
interface PolledSenders {
  readonly found: readonly FoundSender[]
  readonly byIdentity: ReadonlyMap<string, readonly number[]>
}

function indexPolled(found: readonly FoundSender[]): PolledSenders {
  const byIdentity = new Map<string, number[]>()
  for (const [at, { span }] of found.entries()) {
    for (const key of identitiesOf(span?.messaging ?? null)) {
      const known = byIdentity.get(key)
      if (known === undefined) byIdentity.set(key, [at])
      else known.push(at)
    }
  }
  return { found, byIdentity }
}

/** A process span without a link of its own, below a poll with many: only the message at its own place is its input. */
function narrow({ found, byIdentity }: PolledSenders, receiver: SpanRecord): readonly FoundSender[] {
  if (found.length <= 1) return found
  const identities = identitiesOf(receiver.messaging)
  if (identities.length === 0) return found
  const own = new Set(identities.flatMap((key) => byIdentity.get(key) ?? []))
  return [...own].toSorted((a, b) => a - b).flatMap((at) => found[at] ?? [])
}

/** A place in a log and the id of a message never look alike: the one has four parts, the other two. */
const identitiesOf = (facts: MessagingFacts | null): readonly string[] =>
  [keyOfPosition(facts), messageIdKey(facts)].filter((key) => key !== null)

function distinct(found: readonly FoundSender[]): readonly FoundSender[] {
  const seen = new Set<SpanRecord | FlowOperationItem | null>()
  return found.filter(({ span, item }) => {
    const identity = span ?? item
    if (seen.has(identity)) return false
    seen.add(identity)
    return true
  })
}

function lookUp(map: ReadonlyMap<string, SpanRecord>, key: string | null): SpanRecord | null {
  return key === null ? null : (map.get(key) ?? null)
}

function messageIdKey(facts: MessagingFacts | null): string | null {
  if (facts === null || facts.messageId === null || facts.messageId.length < MIN_MESSAGE_ID_LENGTH) return null
  return `${facts.system}\u0000${facts.messageId}`
}

function keyOfPosition(facts: MessagingFacts | null): string | null {
  if (facts === null || facts.destination === null || facts.partition === null || facts.offset === null) return null
  return `${facts.system}\u0000${facts.destination}\u0000${facts.partition}\u0000${facts.offset}`
}
