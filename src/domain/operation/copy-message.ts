import {
  headerText,
  ITEM_HEADER,
  OPERATION_HEADER,
  ORIGINAL_TIMESTAMP_HEADER,
  REDRIVE_COUNT_HEADER,
  type BrokerMessage,
  type Header,
} from '#domain/message.ts'

/** What a copy is marked with. `traceId` and `spanId` name the span that we record for its sending. */
export interface CopyMark {
  readonly operationId: string
  readonly ordinal: number
  readonly traceId: string
  readonly spanId: string
}

/** Replaced on whatever an operation sends. */
const MARKS = new Set(['traceparent', 'tracestate', OPERATION_HEADER, ITEM_HEADER])
/** Replaced on a copy; everything else of the message stays as it was, byte for byte and in its order. */
const REPLACED = new Set([...MARKS, REDRIVE_COUNT_HEADER, ORIGINAL_TIMESTAMP_HEADER])

/**
 * The headers of a redriven copy. `kept` are the message's headers without what its framework wrote about the death.
 * The copy starts a trace of its own, so that what became of it can be told from what became of the first one; the old
 * context lives on as a link of our span.
 */
export function buildCopyHeaders(message: BrokerMessage, kept: readonly Header[], mark: CopyMark): readonly Header[] {
  const redrives = readRedriveCount(message.headers)
  const firstSentMs = headerText(message.headers, ORIGINAL_TIMESTAMP_HEADER) ?? message.timestampMs?.toString() ?? null
  return [
    ...markHeaders(
      kept.filter((header) => !REPLACED.has(header.name.toLowerCase())),
      mark,
    ),
    text(REDRIVE_COUNT_HEADER, (redrives + 1).toString()),
    ...(firstSentMs === null ? [] : [text(ORIGINAL_TIMESTAMP_HEADER, firstSentMs)]),
  ]
}

/**
 * The headers as they are, with the marks of the operation. What is no redrive counts as none: how often a message has
 * been redriven, and when it was sent first, stay as it says.
 */
export function markHeaders(headers: readonly Header[], mark: CopyMark): readonly Header[] {
  return [
    ...headers.filter((header) => !MARKS.has(header.name.toLowerCase())),
    text('traceparent', `00-${mark.traceId}-${mark.spanId}-01`),
    text(OPERATION_HEADER, mark.operationId),
    text(ITEM_HEADER, mark.ordinal.toString()),
  ]
}

/** How often a message says it has been redriven; 0 when it does not say, or says nonsense. */
export function readRedriveCount(headers: readonly Header[]): number {
  const count = Number(headerText(headers, REDRIVE_COUNT_HEADER) ?? '0')
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}

/** The same id for every try of a copy, as a UUID of version 8 made of its trace id (32 hex digits of a hash). */
export function idempotencyIdOf(traceId: string): string {
  const variant = '89ab'[Number.parseInt(traceId[16] ?? '0', 16) % 4] ?? '8'
  return [
    traceId.slice(0, 8),
    traceId.slice(8, 12),
    `8${traceId.slice(13, 16)}`,
    `${variant}${traceId.slice(17, 20)}`,
    traceId.slice(20, 32),
  ].join('-')
}

const encoder = new TextEncoder()
const text = (name: string, value: string): Header => ({ name, value: encode(value) })

/** Short ASCII, which is nearly everything here, costs half as much byte by byte. */
function encode(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length)
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code > 0x7f) return encoder.encode(value)
    bytes[index] = code
  }
  return bytes
}
