import type { MessagingFacts, MessagingOperation } from '#domain/trace/span.ts'
import type { AttributeList } from '#otlp/attribute-list.ts'
import { type ByteWriter, storable } from '#otlp/byte-writer.ts'
import type { SpanDraft } from '#otlp/span-draft.ts'
import type { SpanOrigin } from '#otlp/span-sink.ts'
import {
  putBytes,
  putCount,
  putInt2,
  putInt4,
  putInt8,
  putJson,
  putNull,
  putText,
} from '#telemetry-store/postgres/copy-row.ts'

/** The order in which {@link writeSpanRow} writes. */
const SPAN_COLUMNS = [
  'trace_id',
  'start_us',
  'duration_us',
  'origin_id',
  'ingest_day',
  'kind',
  'status',
  'dropped_link_count',
  'dropped_attribute_count',
  'dropped_event_count',
  'span_id',
  'parent_span_id',
  'service',
  'name',
  'status_message',
  'correlation_id',
  'exception_type',
  'exception_message',
  'links',
  'link_attributes',
  'key_set_id',
  'attribute_values',
  'attributes',
  'events',
  'operation',
  'batch_count',
  'system',
  'destination',
  'partition',
  'message_offset',
  'message_id',
  'consumer_group',
  'client_id',
  'message_key',
  'conversation_id',
]

export const COPY_SPANS = `copy span (${SPAN_COLUMNS.join(', ')}) from stdin binary`
export const COPY_LINKS =
  'copy span_link (linked_trace_id, trace_id, ingest_day, linked_span_id, span_id) from stdin binary'

/** Place of the operation = its number in the table. */
export const OPERATION_NUMBERS: readonly MessagingOperation[] = ['create', 'send', 'receive', 'process', 'settle']

/** In `conversation_id`: the same as `correlation_id`, which it mostly is. A span never says an empty one. */
export const SAME_AS_CORRELATION = ''

const FIELDS_OF_FACTS = 11

export interface SpanRowContext {
  readonly day: number
  readonly origin: SpanOrigin
  readonly facts: MessagingFacts | null
  readonly correlationId: string | null
  /** False: the keys stand in the row itself. */
  readonly isKeySetStored: boolean
}

/** Appends one row of the span table. */
export function writeSpanRow(row: ByteWriter, draft: SpanDraft, context: SpanRowContext): void {
  row.int16(SPAN_COLUMNS.length)
  putBytes(row, draft.ids, 0, 16)
  putInt8(row, draft.startUs)
  putInt8(row, draft.claimedDurationUs())
  putBytes(row, context.origin.id, 0, 8)
  putInt4(row, context.day)
  putInt2(row, draft.kind > 5 ? 0 : draft.kind)
  putInt2(row, draft.status > 2 ? 0 : draft.status)
  putCount(row, draft.droppedLinkCount)
  putCount(row, draft.droppedAttributeCount)
  putCount(row, draft.droppedEventCount)
  putBytes(row, draft.ids, 16, 24)
  if (draft.hasParent) putBytes(row, draft.ids, 24, 32)
  else putNull(row)
  putText(row, context.origin.service)
  putText(row, draft.name)
  putText(row, draft.statusMessage)
  putText(row, context.correlationId)
  putText(row, draft.exceptionType === null ? null : storable(draft.exceptionType))
  putText(row, draft.exceptionMessage === null ? null : storable(draft.exceptionMessage))
  putJson(row, draft.links)
  putJson(row, draft.linkAttributes)
  putAttributes(row, draft.attributes, context.isKeySetStored)
  putJson(row, draft.events)
  writeFacts(row, context.facts, context.correlationId)
}

function putAttributes(row: ByteWriter, list: AttributeList, isKeySetStored: boolean): void {
  const isApart = isKeySetStored && list.size > 0
  if (isApart) {
    putBytes(row, list.keySet.id, 0, 8)
    putBytes(row, list.values.bytes, 0, list.values.length)
  } else {
    putNull(row)
    putNull(row)
  }
  putText(row, isApart || list.size === 0 ? null : list.toJson())
}

function writeFacts(row: ByteWriter, facts: MessagingFacts | null, correlationId: string | null): void {
  if (facts === null) {
    for (let field = 0; field < FIELDS_OF_FACTS; field += 1) putNull(row)
    return
  }
  putInt2(row, OPERATION_NUMBERS.indexOf(facts.operation))
  if (facts.batchCount === null) putNull(row)
  else putInt4(row, facts.batchCount)
  putText(row, facts.system)
  putText(row, facts.destination)
  putText(row, facts.partition)
  putText(row, facts.offset)
  putText(row, facts.messageId)
  putText(row, facts.consumerGroup)
  putText(row, facts.clientId)
  putText(row, facts.messageKey)
  putText(
    row,
    facts.conversationId === correlationId && correlationId !== null ? SAME_AS_CORRELATION : facts.conversationId,
  )
}

/** Appends one row of span_link per link of the span. */
export function writeLinkRows(row: ByteWriter, draft: SpanDraft, day: number): void {
  for (let link = 0; link < draft.linkCount; link += 1) {
    const at = link * 24
    row.int16(5)
    putBytes(row, draft.links.bytes, at, at + 16)
    putBytes(row, draft.ids, 0, 16)
    putInt4(row, day)
    putBytes(row, draft.links.bytes, at + 16, at + 24)
    putBytes(row, draft.ids, 16, 24)
  }
}
