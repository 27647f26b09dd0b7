import type { Flow, Hop } from '#domain/flow/flow.ts'
import type { Truth, TrueDelivery, TrueMessage, TrueOrder } from './read-truth.ts'

/** A further fact of a delivery that was joined: as it was, not told by the telemetry, or told wrongly. */
export type FactVerdict = 'right' | 'unknown' | 'wrong'
export const JUDGED_FACTS = ['group', 'attempt', 'outcome', 'dwell'] as const
export type JudgedFact = (typeof JUDGED_FACTS)[number]

export interface JudgedDelivery {
  readonly isJoined: boolean
  /** Joined, but not in the flow that the order's best id opens. */
  readonly isApart?: boolean
  /** How the product says it joined it; null when it did not. */
  readonly joinedBy: string | null
  /** Why it is not known; null when it is. */
  readonly reason: string | null
  readonly facts: Readonly<Record<JudgedFact, FactVerdict>> | null
  /** For people who look for the cause. */
  readonly note: string
}

export interface JudgedOrder {
  readonly deliveries: readonly JudgedDelivery[]
  /** What the flow says and what did not happen. */
  readonly falseHops: readonly string[]
  readonly hasDeadLetter: boolean
  readonly isDeadLetterFound: boolean
}

/** Dwell may be wrong by this much. */
const MAX_DWELL_ERROR_MS = 10

/** Finds the message that a hop is about, among all messages of a run. */
export interface MessageFinder {
  find(hop: Hop): TrueMessage | null
}

export function createMessageFinder({ orders }: Truth): MessageFinder {
  const messages = orders.flatMap((order) => order.messages)
  const bySender = Map.groupBy(messages, ({ sender }) => sender)
  const byPlace = Map.groupBy(messages, ({ destination, partition, offset }) => `${destination}/${partition}/${offset}`)
  const byId = Map.groupBy(
    messages.flatMap((message) => message.messageIds.map((id) => ({ id, message }))),
    ({ id }) => id,
  )
  const onlyOne = (found: readonly TrueMessage[] | undefined): TrueMessage | null =>
    found?.length === 1 ? (found[0] ?? null) : null
  return {
    find: ({ sender, destination, partition, offset, messageId }) => {
      const place =
        offset === null || partition === null ? null : onlyOne(byPlace.get(`${destination}/${partition}/${offset}`))
      if (place !== null) return place
      const named = messageId === null ? undefined : byId.get(messageId)?.map(({ message }) => message)
      const sent = sender === null ? undefined : bySender.get(`${sender.traceId}:${sender.spanId}`)
      return (
        onlyOne(sent) ??
        onlyOne(named?.filter((one) => sent === undefined || sent.includes(one) || named.length === 1)) ??
        null
      )
    },
  }
}

/** Compares what the product shows of one order with what happened to it. `flow` null: nothing is stored under its ids. */
export function judgeOrder(order: TrueOrder, flow: Flow | null, messages: MessageFinder): JudgedOrder {
  const hops = (flow?.hops ?? []).filter(({ receiver }) => receiver !== null)
  const free = new Map<TrueMessage, Hop[]>()
  const falseHops: string[] = []
  for (const hop of hops) {
    const message = messages.find(hop)
    if (message === null) continue
    if (message.order !== order.order) {
      if (!isOneOfMany(hop)) falseHops.push(`of ${message.order}: ${describe(hop)}`)
      continue
    }
    const known = free.get(message)
    if (known === undefined) free.set(message, [hop])
    else known.push(hop)
  }
  const deliveries = order.messages.flatMap((message) => {
    const candidates = free.get(message) ?? []
    return message.deliveries.map((delivery) => judgeDelivery(message, delivery, candidates, flow))
  })
  for (const [message, left] of free)
    for (const hop of left)
      if (!isOneOfMany(hop)) falseHops.push(`${message.order} was not delivered so: ${describe(hop)}`)
  const { deadLetter } = order
  return {
    deliveries,
    falseHops,
    hasDeadLetter: deadLetter !== null,
    isDeadLetterFound:
      deadLetter !== null &&
      (flow?.deadLetters ?? []).some(({ destination }) => destination === deadLetter.destination),
  }
}

const isOneOfMany = (hop: Hop): boolean => hop.oneOf !== null && hop.oneOf > 1

const describe = (hop: Hop): string =>
  `${hop.sender?.service ?? '?'} > ${hop.destination}/${hop.partition}@${hop.offset} > ${hop.receiver?.service} (${hop.joinedBy}, attempt ${hop.attempt}, ${hop.outcome})`

/** Takes the hop of the delivery out of the candidates: the one of its service that is nearest in time. */
function judgeDelivery(
  message: TrueMessage,
  delivery: TrueDelivery,
  candidates: Hop[],
  flow: Flow | null,
): JudgedDelivery {
  const distance = ({ receivedUs }: Hop): number => Math.abs((receivedUs ?? 0) / 1_000 - delivery.receivedMs)
  const [hop] = candidates
    .filter(({ receiver }) => receiver?.service === delivery.service)
    .toSorted((a, b) => distance(a) - distance(b))
  const place = `${message.order} ${message.destination}/${message.partition}@${message.offset} > ${delivery.service}`
  if (hop === undefined) {
    const unknown = { isJoined: false, joinedBy: null, facts: null }
    return {
      ...unknown,
      reason: flow === null ? 'nothing of the order is stored' : reasonOf(message, delivery, flow),
      note: place,
    }
  }
  candidates.splice(candidates.indexOf(hop), 1)
  if (hop.joinedBy === 'none')
    return { isJoined: false, joinedBy: 'none', facts: null, reason: 'nothing names its sender', note: place }
  const facts = {
    group: judgeGroup(hop, delivery),
    attempt: verdictOf(hop.attempt, delivery.attempt),
    outcome: judgeOutcome(hop, delivery),
    dwell: judgeDwell(hop, message, delivery),
  }
  const note = `${place}: ${JSON.stringify(facts)} ${hop.attempt}/${delivery.attempt} ${hop.outcome}/${delivery.hasFailed ? 'failed' : 'ok'} dwell ${hop.dwellUs === null ? '?' : (hop.dwellUs / 1_000).toFixed(1)}/${(delivery.receivedMs - message.producedMs).toFixed(1)} group ${hop.attribution?.group}/${delivery.group}`
  return { isJoined: true, joinedBy: hop.joinedBy, reason: null, facts, note }
}

/** What the flow itself says of a delivery that no span names. */
function reasonOf(message: TrueMessage, { service, group }: TrueDelivery, flow: Flow): string {
  const verdict = flow.deliveries.deliveries.find(
    (one) => one.group === group && (one.destination === message.destination || one.readFrom === message.destination),
  )
  if (verdict !== undefined && verdict.kind !== 'taken') return `no span of it; the broker says: ${verdict.kind}`
  const isSaid = flow.doubts.some((doubt) => doubt.includes('name none of them') && doubt.includes(service))
  return isSaid
    ? 'the span that took it names no message, and the flow says so'
    : 'no span of a receiver names the message'
}

function verdictOf<Value>(said: Value | null, truth: Value | null): FactVerdict {
  if (truth === null || said === truth) return 'right'
  return said === null ? 'unknown' : 'wrong'
}

function judgeGroup({ attribution, consumerGroup }: Hop, { group, service }: TrueDelivery): FactVerdict {
  const said = attribution?.group ?? consumerGroup
  // Where the broker has no groups, the service that takes from the queue stands for one.
  return said === service && group === null ? 'right' : verdictOf(said, group)
}

function judgeOutcome({ outcome }: Hop, { hasFailed }: TrueDelivery): FactVerdict {
  if (outcome === 'unknown' || outcome === 'in-flight' || outcome === 'waiting') return 'unknown'
  return (outcome === 'failed' || outcome === 'dead-lettered') === hasFailed ? 'right' : 'wrong'
}

function judgeDwell(hop: Hop, message: TrueMessage, delivery: TrueDelivery): FactVerdict {
  const truthMs = delivery.receivedMs - message.producedMs
  if (hop.dwellUs === null || hop.isDwellBounded || Number.isNaN(truthMs)) return 'unknown'
  // A retry that the library sent again waits from then on; the truth only knows when the message was first produced.
  const isSentAgain =
    message.sender !== null && hop.sender !== null && message.sender !== `${hop.sender.traceId}:${hop.sender.spanId}`
  if (isSentAgain && delivery.attempt !== null && delivery.attempt > 1)
    return Math.abs((hop.receivedUs ?? 0) / 1_000 - delivery.receivedMs) <= MAX_DWELL_ERROR_MS ? 'right' : 'wrong'
  return Math.abs(hop.dwellUs / 1_000 - truthMs) <= MAX_DWELL_ERROR_MS ? 'right' : 'wrong'
}
