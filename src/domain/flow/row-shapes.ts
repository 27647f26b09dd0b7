import { ownValue } from '#domain/own-value.ts'
import type { FlowOperationItem, Hop, TimelineRow } from '#domain/flow/flow.ts'
import { refOf, type JoinedHop } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { hasFailed, keyOf } from '#domain/flow/span-index.ts'
import { printCount, printDuration } from '#domain/lag/print-lag.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'

const NO_LINKS = { span: null, hopId: null, deadLetterId: null, operationId: null, isCritical: false }

export const spanRowId = (span: SpanLink): string => `span:${keyOf(span)}`
export const waitRowId = (kind: 'queue' | 'back-off', hopId: string): string => `${kind}:${hopId}`
export const operationRowId = (item: FlowOperationItem): string => `operation:${item.operationId}:${keyOf(item)}`

/** A span; as receiver it says which attempt it was where that matters. */
export function spanRow(span: SpanRecord, depth: number, hop: Hop | null, isDeadSend: boolean): TimelineRow {
  const failed = hasFailed(span) || isDeadSend || hop?.outcome === 'failed' || hop?.outcome === 'dead-lettered'
  const attempt = hop?.attempt ?? 1
  return {
    ...NO_LINKS,
    id: spanRowId(span),
    kind: 'span',
    depth,
    service: span.service,
    label: span.name,
    note: isDeadSend ? 'dead-lettered' : hop === null ? null : attemptNote(failed, attempt),
    startUs: span.startUs,
    durationUs: span.durationUs,
    tone: failed ? 'bad' : hop !== null && attempt > 1 ? 'ok' : isAside(span) ? 'dim' : 'normal',
    span: refOf(span),
    hopId: hop?.id ?? null,
  }
}

function attemptNote(failed: boolean, attempt: number): string | null {
  if (failed) return `✕ attempt ${attempt}`
  return attempt > 1 ? `✓ attempt ${attempt}` : null
}

/** Calls to stores and other services are not part of the message's own way. */
const isAside = (span: SpanRecord): boolean => span.kind === 'client' && span.messaging === null

/** Time between send and receipt. A negative one is drawn where the clocks put it, and says so. */
export function queueRow({ hop }: JoinedHop, depth: number): TimelineRow {
  const startUs = Math.min(hop.sentUs ?? hop.receivedUs ?? 0, hop.receivedUs ?? hop.sentUs ?? 0)
  const isUnseen = hop.receivedUs === null
  return {
    ...NO_LINKS,
    id: waitRowId('queue', hop.id),
    kind: 'queue',
    depth,
    service: hop.destination,
    label: isUnseen ? 'no receiver seen' : 'in queue',
    note: [placeOf(hop), skewOf(hop)].filter((part) => part !== null).join(' · ') || null,
    startUs,
    durationUs: Math.abs(hop.dwellUs ?? 0),
    tone: hop.isSkewed || isUnseen ? 'warn' : 'normal',
    hopId: hop.id,
  }
}

/** `p3 @ 88,120,417`, else the name of the broker; null when neither is known. */
export function placeOf(hop: Hop): string | null {
  if (hop.offset === null) return ownValue(SYSTEMS, hop.system) ?? null
  const offset = /^\d{1,15}$/.test(hop.offset) ? printCount(Number(hop.offset)) : hop.offset
  return hop.partition === null || hop.partition === '' ? `@ ${offset}` : `p${hop.partition} @ ${offset}`
}

const SYSTEMS: Readonly<Record<string, string>> = {
  kafka: 'Kafka',
  rabbitmq: 'RabbitMQ',
  aws_sqs: 'SQS',
  'aws.sns': 'SNS',
  gcp_pubsub: 'Pub/Sub',
  servicebus: 'Service Bus',
  pulsar: 'Pulsar',
  nats: 'NATS',
  redis: 'Redis',
  celery: 'Celery',
  'pg-boss': 'Postgres queue',
}

function skewOf({ isSkewed, dwellUs }: Hop): string | null {
  return isSkewed
    ? `clocks disagree: received ${printDuration(Math.abs(dwellUs ?? 0) / 1_000)} before it was sent`
    : null
}

/** Time that a message was held back between two tries, or in a retry topic. */
export function backOffRow({ hop }: JoinedHop, startUs: number, endUs: number, depth: number): TimelineRow {
  return {
    ...NO_LINKS,
    id: waitRowId('back-off', hop.id),
    kind: 'back-off',
    depth,
    service: 'retry back-off',
    label: `before attempt ${hop.attempt ?? 2}`,
    note: null,
    startUs: Math.min(startUs, endUs),
    durationUs: Math.max(0, endUs - startUs),
    tone: 'warn',
    hopId: hop.id,
  }
}

const PARKED_NOTES: Readonly<Record<PlacedDeadLetter['letter']['state'], string | null>> = {
  open: 'still there',
  redriven: null,
  discarded: 'discarded',
  expired: 'expired',
}

/** From the death to the redrive, or to the end of what is known. */
export function parkedRow({ letter, items }: PlacedDeadLetter, depth: number, flowEndUs: number): TimelineRow {
  const untilUs = items[0]?.sentUs ?? flowEndUs
  return {
    ...NO_LINKS,
    id: `parked:${letter.id}`,
    kind: 'parked',
    depth,
    service: letter.destination,
    label: 'parked',
    note: items.length > 0 ? null : PARKED_NOTES[letter.state],
    startUs: letter.deadUs,
    durationUs: Math.max(0, untilUs - letter.deadUs),
    tone: 'bad',
    deadLetterId: letter.id,
  }
}

export function operationRow(item: FlowOperationItem, depth: number): TimelineRow {
  return {
    ...NO_LINKS,
    id: operationRowId(item),
    kind: 'operation',
    depth,
    service: item.kind,
    label: `op-${item.operationNumber} by ${item.actorName}`,
    note: item.reason,
    startUs: item.sentUs,
    durationUs: 0,
    tone: 'replay',
    span: { traceId: item.traceId, spanId: item.spanId, service: 'throughline' },
    operationId: item.operationId,
    deadLetterId: item.deadLetterId,
  }
}
