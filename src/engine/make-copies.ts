import type { OutgoingMessage } from '#brokers/broker.ts'
import type { ArchivedCopy } from '#db/store/message-archive-store.ts'
import type { LedgerItem } from '#db/store/operation-ledger-store.ts'
import { readTraceParent } from '#domain/dead-letter/read-trace-parent.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { editMessage } from '#domain/edit/edit-message.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { buildCopyHeaders, idempotencyIdOf, markHeaders } from '#domain/operation/copy-message.ts'
import type { SpanLink } from '#domain/trace/span.ts'

/** An item with its live message and the copy of it that is sent. */
export interface Copy {
  readonly item: LedgerItem
  /** As it lies at the source, byte for byte. */
  readonly message: BrokerMessage
  readonly outgoing: OutgoingMessage
  /** The context that the message arrived with; it lives on as a link of our span. */
  readonly oldContext: SpanLink | null
}

/**
 * Bytes, key and the business headers stay but for what the edit changes; failure headers go, our marks come. Of a file
 * every header stays: it says what is to be sent.
 *
 * @throws Failure `invalid` when the edit does not fit the message
 */
export function makeCopy(operation: OperationRow, item: LedgerItem, message: BrokerMessage): Copy {
  const { id: operationId, kind, edit } = operation
  const mark = { operationId, ordinal: item.ordinal, traceId: item.traceId, spanId: item.spanId }
  const stripped = stripFailureHeaders(message.headers, item.dialect ?? 'none')
  const edited = edit === null ? null : editMessage({ headers: stripped, payload: message.payload }, edit)
  const kept = edited?.headers ?? stripped
  return {
    item,
    message,
    oldContext: readTraceParent(message.headers),
    outgoing: {
      destination: item.targetDestination,
      lane: item.targetLane,
      key: message.key,
      headers: kind === 'import' ? markHeaders(kept, mark) : buildCopyHeaders(message, kept, mark),
      payload: edited === null ? message.payload : edited.payload,
      timestampMs: null,
      idempotencyId: idempotencyIdOf(item.traceId),
    },
  }
}

/** The message as it lies at the source, to be kept; none when its dead letter is not on record any more. */
export function toArchive({ item, message }: Copy): ArchivedCopy[] {
  return item.deadLetterId === null ? [] : [{ ordinal: item.ordinal, deadLetterId: item.deadLetterId, message }]
}
