import { hash } from 'node:crypto'
import type { MessagingFacts } from '#domain/trace/span.ts'
import type { ByteWriter } from '#otlp/byte-writer.ts'
import { type SpanDraft, STATUS_ERROR } from '#otlp/span-draft.ts'
import {
  putBoolean,
  putBytes,
  putInt2,
  putInt4,
  putInt8,
  putNull,
  putText,
} from '#telemetry-store/postgres/copy-row.ts'

/** Numbers in message_event.event. Fetched = a receive span; some clients make it beside the process span of a message. */
export const EVENT = { sent: 1, processed: 2, settled: 3, fetched: 4 } as const
export type EventNumber = (typeof EVENT)[keyof typeof EVENT]

const EVENT_COLUMNS = [
  'trace_id',
  'at_us',
  'ended_us',
  'sender_trace_id',
  'sender_span_id',
  'is_sender_linked',
  'message_hash',
  'position_hash',
  'ingest_day',
  'event',
  'is_error',
  'span_id',
  'system',
  'service',
  'destination',
  'consumer_group',
]

export const COPY_EVENTS = `copy message_event (${EVENT_COLUMNS.join(', ')}) from stdin binary`

/**
 * Which half of a hop a span is; null for none: a send with links sends messages that have create spans of their own.
 */
export function eventKindOf(facts: MessagingFacts, draft: SpanDraft): EventNumber | null {
  switch (facts.operation) {
    case 'create':
      return EVENT.sent
    case 'send':
      return draft.linkCount === 0 || draft.kind === 4 ? EVENT.sent : null
    case 'process':
      return EVENT.processed
    case 'receive':
      return EVENT.fetched
    case 'settle':
      return EVENT.settled
  }
}

/** 16 bytes that two halves of one message have in common when both know its id. Short ids are unique only in their place. */
export function messageHash(facts: MessagingFacts): Buffer | null {
  const { messageId } = facts
  if (messageId === null) return null
  return messageId.length >= 8
    ? hashOfMessageId(messageId)
    : hash('md5', `m\n${facts.system}\n${facts.destination}\n${messageId}`, 'buffer')
}

/** The hash under which a message id of at least 8 characters is found without knowing its place. */
export const hashOfMessageId = (messageId: string): Buffer => hash('md5', `m\n${messageId}`, 'buffer')

/** 16 bytes that two halves have in common when both know the position of the message. */
export function positionHash(facts: MessagingFacts): Buffer | null {
  if (facts.offset === null || facts.destination === null) return null
  return hashOfPosition(facts.system, facts.destination, facts.partition ?? '', facts.offset)
}

const hashOfPosition = (system: string, destination: string, partition: string, offset: string): Buffer =>
  hash('md5', `p\n${system}\n${destination}\n${partition}\n${offset}`, 'buffer')

/** Systems whose messages have positions. */
const POSITIONED_SYSTEMS = ['kafka', 'eventhubs', 'pulsar', 'aws_kinesis', 'nats'] as const

/** The hashes of a position that somebody types as `topic/partition/offset`; none for any other text. */
export function hashesOfTypedPosition(text: string): readonly Buffer[] {
  const match = /^(.+)\/(\d*)\/(\d{1,20})$/.exec(text)
  if (match === null) return []
  const [, destination = '', partition = '', offset = ''] = match
  return POSITIONED_SYSTEMS.map((system) => hashOfPosition(system, destination, partition, offset))
}

export interface EventRowContext {
  readonly day: number
  readonly event: EventNumber
  readonly facts: MessagingFacts
  readonly service: string
}

/** Appends the halves of hops that a span is: one per message that it names by a link, else one. */
export function writeMessageEvents(row: ByteWriter, draft: SpanDraft, context: EventRowContext): void {
  const message = messageHash(context.facts)
  const position = positionHash(context.facts)
  const isReceiver = context.event !== EVENT.sent
  if (isReceiver && draft.linkCount > 0) {
    for (let link = 0; link < draft.linkCount; link += 1) {
      const at = link * 24
      beginRow(row, draft)
      putBytes(row, draft.links.bytes, at, at + 16)
      putBytes(row, draft.links.bytes, at + 16, at + 24)
      endRow(row, draft, context, true, message, position)
    }
    return
  }
  beginRow(row, draft)
  if (isReceiver && draft.hasParent) {
    putBytes(row, draft.ids, 0, 16)
    putBytes(row, draft.ids, 24, 32)
  } else {
    putNull(row)
    putNull(row)
  }
  endRow(row, draft, context, false, message, position)
}

function beginRow(row: ByteWriter, draft: SpanDraft): void {
  row.int16(EVENT_COLUMNS.length)
  putBytes(row, draft.ids, 0, 16)
  putInt8(row, draft.startUs)
  putInt8(row, draft.startUs + draft.durationUs())
}

function endRow(
  row: ByteWriter,
  draft: SpanDraft,
  context: EventRowContext,
  isLinked: boolean,
  message: Buffer | null,
  position: Buffer | null,
): void {
  putBoolean(row, isLinked)
  if (message === null) putNull(row)
  else putBytes(row, message, 0, 16)
  if (position === null) putNull(row)
  else putBytes(row, position, 0, 16)
  putInt4(row, context.day)
  putInt2(row, context.event)
  putBoolean(row, draft.status === STATUS_ERROR)
  putBytes(row, draft.ids, 16, 24)
  putText(row, context.facts.system)
  putText(row, context.service)
  putText(row, context.facts.destination)
  putText(row, context.facts.consumerGroup)
}
