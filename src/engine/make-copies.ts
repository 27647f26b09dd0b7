import type { OutgoingMessage } from '#brokers/broker.ts'
import type { LedgerItem } from '#db/store/operation-ledger-store.ts'
import { readTraceParent } from '#domain/dead-letter/read-trace-parent.ts'
import { stripFailureHeaders } from '#domain/dead-letter/strip-failure-headers.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { buildCopyHeaders, idempotencyIdOf } from '#domain/operation/copy-message.ts'
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

/** Bytes, key and the business headers stay; failure headers go, our marks come. */
export function makeCopy(operationId: string, item: LedgerItem, message: BrokerMessage): Copy {
  const kept = stripFailureHeaders(message.headers, item.dialect ?? 'none')
  const { ordinal, traceId, spanId } = item
  return {
    item,
    message,
    oldContext: readTraceParent(message.headers),
    outgoing: {
      destination: item.targetDestination,
      lane: item.targetLane,
      key: message.key,
      headers: buildCopyHeaders(message, kept, { operationId, ordinal, traceId, spanId }),
      payload: message.payload,
      timestampMs: null,
      idempotencyId: idempotencyIdOf(traceId),
    },
  }
}
