import { readFileSync } from 'node:fs'

/** What really happened in a captured run, from the applications' own logs; no span was read for it. Times in ms. */
export interface Truth {
  readonly startedMs: number
  readonly endedMs: number
  /** Who read what, as the broker knew it; empty for brokers without groups. */
  readonly groups: readonly TrueGroup[]
  readonly orders: readonly TrueOrder[]
}

export interface TrueGroup {
  readonly group: string
  readonly destination: string
  /** Committed position per partition. */
  readonly committed: ReadonlyMap<string, number>
}

export interface TrueOrder {
  readonly order: string
  /** What a person may type to find it, best first. */
  readonly ids: readonly string[]
  readonly messages: readonly TrueMessage[]
  readonly deadLetter: TrueDeadLetter | null
}

export interface TrueMessage {
  readonly order: string
  readonly destination: string | null
  readonly partition: string | null
  readonly offset: string | null
  /** Ids that the broker or the library gave it; more than one where a topic fans out into queues. */
  readonly messageIds: readonly string[]
  /** The span whose context the message carried, as `trace:span`; null without one. */
  readonly sender: string | null
  readonly producedMs: number
  readonly key: string | null
  /** Of the record, as far as somebody wrote them down; null when nobody did. */
  readonly headers: Readonly<Record<string, string>> | null
  /** Of the record, where it is known to hold the event's attributes; null otherwise. */
  readonly body: string | null
  readonly deliveries: readonly TrueDelivery[]
}

export interface TrueDelivery {
  readonly service: string
  /** null: the broker has no groups. */
  readonly group: string | null
  readonly attempt: number | null
  readonly receivedMs: number
  readonly isBatch: boolean
  readonly hasFailed: boolean
}

export interface TrueDeadLetter {
  readonly destination: string
  /** Printed position in the dead-letter place. */
  readonly position: string
  readonly atMs: number
  readonly originDestination: string | null
  /** Where the message was that died, when its dead letter says so. */
  readonly originPosition: string | null
  readonly correlationId: string | null
  /** What its traceparent header names. */
  readonly sender: string | null
  readonly error: string | null
}

/* The two harnesses wrote the same facts under different names; both are read here, nothing is made up. */
interface RawDelivery {
  readonly service: string
  readonly group?: string | null
  readonly attempt?: number | null
  readonly delivery?: number
  readonly receivedAt: string
  readonly outcome?: string
  readonly result?: string
  readonly batch?: number | null
  readonly headers?: Record<string, string | number | null>
  readonly correlationId?: string
  readonly envelope?: { readonly attributes?: Record<string, string> }
  readonly sqsMessageId?: string
}
interface RawMessage {
  readonly destination?: string | null
  readonly dest?: string | null
  readonly queue?: string | null
  readonly partition?: number | string | null
  readonly offset?: number | string | null
  readonly messageId?: string | null
  readonly jobId?: string | number | null
  readonly key?: string | null
  readonly mode?: string
  readonly ceId?: string
  readonly ceType?: string
  readonly headerNames?: readonly string[]
  readonly producedAt?: string | null
  readonly brokerTimestamp?: string | null
  readonly correlationId?: string | null
  readonly traceparent?: string | null
  readonly awsTraceHeader?: string | null
  readonly a2a?: { readonly contextId?: string | null }
  readonly deliveries?: readonly RawDelivery[]
  readonly consumedBy?: readonly RawDelivery[]
}
interface RawDeadLetter {
  readonly destination?: string
  readonly partition?: number
  readonly offset?: number | string
  readonly position?: number
  readonly messageId?: string
  readonly traceparent?: string
  readonly at?: string
  readonly error?: string
  readonly from?: { readonly dest?: string; readonly partition?: number; readonly offset?: number | string }
  readonly to?: {
    readonly dest?: string
    readonly partition?: number
    readonly offset?: number | string
    readonly queue?: string
  }
}
interface RawOrder {
  readonly order: string
  readonly messages: readonly RawMessage[]
  readonly correlationIds?: readonly string[]
  readonly deadLetter: RawDeadLetter | null
}
interface RawTruth {
  readonly startedAt: string
  readonly endedAt?: string
  readonly finishedAt?: string
  readonly consumerGroups?: readonly { group: string; topics?: string[]; destinations?: string[] }[]
  readonly committedOffsets?:
    | readonly { group: string; topic: string; partition: number; offset: number }[]
    | Record<string, readonly { topic: string; partitions: { partition: number; committed: number }[] }[]>
  readonly orders: readonly RawOrder[]
}

export function readTruth(file: string): Truth {
  const raw = JSON.parse(readFileSync(file, 'utf8')) as RawTruth
  return {
    startedMs: Date.parse(raw.startedAt),
    endedMs: Date.parse(raw.endedAt ?? raw.finishedAt ?? raw.startedAt),
    groups: readGroups(raw),
    orders: raw.orders.map(readOrder),
  }
}

function readGroups({ consumerGroups, committedOffsets }: RawTruth): readonly TrueGroup[] {
  const positions = Array.isArray(committedOffsets)
    ? committedOffsets
    : Object.entries(
        (committedOffsets ?? {}) as Exclude<RawTruth['committedOffsets'], readonly unknown[] | undefined>,
      ).flatMap(([group, topics]) =>
        topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, committed }) => ({ group, topic, partition, offset: committed })),
        ),
      )
  return (consumerGroups ?? []).flatMap(({ group, topics, destinations }) =>
    (topics ?? destinations ?? []).map((destination) => ({
      group,
      destination,
      committed: new Map(
        positions
          .filter((one) => one.group === group && one.topic === destination)
          .map((one) => [String(one.partition), one.offset]),
      ),
    })),
  )
}

function readOrder(raw: RawOrder): TrueOrder {
  const messages = raw.messages.map((message) => readMessage(raw.order, message))
  const contexts = raw.messages.flatMap(({ a2a }) => a2a?.contextId ?? [])
  const traces = messages.flatMap(({ sender }) => sender?.slice(0, 32) ?? [])
  const ids = [
    raw.order,
    ...(raw.correlationIds ?? []),
    ...contexts,
    ...messages.flatMap((one) => one.messageIds),
    ...traces,
  ]
  return { order: raw.order, ids: [...new Set(ids)], messages, deadLetter: readDeadLetter(raw) }
}

/** `exchange:orders` and `topic:orders` say what kind of place it is; clients do not. */
const bareName = (name: string | null | undefined): string | null =>
  name?.replace(/^(?:exchange|queue|topic):/, '') ?? null

const senderOf = (traceparent: string | null | undefined): string | null => {
  const parts = /^\w\w-(\w{32})-(\w{16})-/.exec(traceparent ?? '')
  return parts === null ? null : `${parts[1]}:${parts[2]}`
}

const senderOfAws = (header: string | null | undefined): string | null => {
  const parts = /Root=1-(\w{8})-(\w{24});Parent=(\w{16})/.exec(header ?? '')
  return parts === null ? null : `${parts[1]}${parts[2]}:${parts[3]}`
}

function readMessage(order: string, raw: RawMessage): TrueMessage {
  const deliveries = raw.deliveries ?? raw.consumedBy ?? []
  const carried = deliveries.flatMap(({ headers, envelope }) => [
    headers?.['traceparent'],
    envelope?.attributes?.['traceparent'],
  ])
  const traceparent = [raw.traceparent, ...carried].find((value) => typeof value === 'string')
  const ids = [raw.messageId, raw.jobId, ...deliveries.map(({ sqsMessageId }) => sqsMessageId)]
  return {
    order,
    destination: bareName(raw.destination ?? raw.queue ?? raw.dest),
    partition: raw.partition === null || raw.partition === undefined ? null : String(raw.partition),
    offset: raw.offset === null || raw.offset === undefined ? null : String(raw.offset),
    messageIds: [...new Set(ids.flatMap((id) => (id === null || id === undefined ? [] : [String(id)])))],
    sender: senderOf(traceparent === undefined ? null : String(traceparent)) ?? senderOfAws(raw.awsTraceHeader),
    producedMs: timeOf(raw.producedAt ?? raw.brokerTimestamp),
    key: raw.key ?? null,
    headers: readHeaders(raw, deliveries),
    body: raw.mode === 'structured' ? structuredBody(order, raw) : null,
    deliveries: deliveries.map(readDelivery).toSorted((a, b) => a.receivedMs - b.receivedMs),
  }
}

/** A structured event has its attributes in the value; every event of these runs has the order as extension `correlationid`. */
const structuredBody = (order: string, { ceId, ceType }: RawMessage): string =>
  JSON.stringify({ specversion: '1.0', id: ceId, type: ceType, source: '/shop', correlationid: order, data: {} })

/** What the record carried: written down as such, or by whoever took it. */
function readHeaders(raw: RawMessage, deliveries: readonly RawDelivery[]): TrueMessage['headers'] {
  const seen = deliveries.map(({ headers }) => headers).find((headers) => headers !== undefined)
  const named = { 'correlation-id': raw.correlationId, traceparent: raw.traceparent }
  if (seen === undefined && raw.headerNames === undefined) return null
  const all = seen ?? Object.fromEntries(Object.entries(named).filter(([name]) => raw.headerNames?.includes(name)))
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, String(value)] as const],
    ),
  )
}

/** Milliseconds with the microseconds that some logs have. */
function timeOf(text: string | null | undefined): number {
  if (text === null || text === undefined) return Number.NaN
  const micros = /\.(\d{3})(\d{3})Z$/.exec(text)
  return Date.parse(text) + (micros === null ? 0 : Number(micros[2]) / 1_000)
}

function readDelivery(raw: RawDelivery): TrueDelivery {
  const result = raw.outcome ?? raw.result ?? ''
  return {
    service: raw.service,
    group: raw.group ?? null,
    attempt: raw.attempt ?? raw.delivery ?? null,
    receivedMs: timeOf(raw.receivedAt),
    isBatch: raw.batch !== undefined && raw.batch !== null,
    hasFailed: result === 'failed' || result === 'dead-lettered',
  }
}

function readDeadLetter({ order, deadLetter, messages }: RawOrder): TrueDeadLetter | null {
  if (deadLetter === null) return null
  const destination = bareName(deadLetter.destination ?? deadLetter.to?.dest ?? deadLetter.to?.queue)
  if (destination === null) return null
  const partition = deadLetter.partition ?? deadLetter.to?.partition
  const offset = deadLetter.offset ?? deadLetter.to?.offset
  const copy = messages.find((one) => bareName(one.destination ?? one.dest) === destination)
  const origin = messages.find(
    (one) =>
      one !== copy &&
      (one.deliveries ?? one.consumedBy ?? []).some(({ outcome, result }) => (outcome ?? result) !== 'ok'),
  )
  // A dead letter that the broker moved still carries the headers of the message as it was sent first.
  const carried = deadLetter.traceparent ?? copy?.traceparent ?? (copy === undefined ? firstTraceparent(origin) : null)
  const last = messages
    .flatMap((one) => one.deliveries ?? one.consumedBy ?? [])
    .map(({ receivedAt }) => timeOf(receivedAt))
  return {
    destination,
    position:
      partition === undefined
        ? `0@${offset ?? deadLetter.position ?? order.replace(/\D/g, '')}`
        : `${partition}@${offset}`,
    atMs: deadLetter.at === undefined ? Math.max(...last) + 1 : timeOf(deadLetter.at),
    originDestination: bareName(deadLetter.from?.dest ?? origin?.queue ?? origin?.destination ?? origin?.dest),
    originPosition:
      deadLetter.from?.partition === undefined ? null : `${deadLetter.from.partition}@${deadLetter.from.offset}`,
    correlationId: copy?.correlationId ?? origin?.correlationId ?? firstCorrelation(origin),
    sender: senderOf(carried) ?? (copy === undefined ? senderOfAws(origin?.awsTraceHeader) : null),
    error: deadLetter.error ?? null,
  }
}

const deliveriesOf = (message: RawMessage | undefined): readonly RawDelivery[] =>
  message?.deliveries ?? message?.consumedBy ?? []

function firstTraceparent(message: RawMessage | undefined): string | null {
  const carried = deliveriesOf(message)
    .map(({ headers }) => headers?.['traceparent'])
    .find((value) => typeof value === 'string')
  return typeof carried === 'string' ? carried : (message?.traceparent ?? null)
}

function firstCorrelation(message: RawMessage | undefined): string | null {
  const carried = deliveriesOf(message).map(
    ({ headers, correlationId }) => headers?.['correlation-id'] ?? correlationId,
  )
  const first = carried.find((value) => typeof value === 'string')
  return typeof first === 'string' ? first : null
}
