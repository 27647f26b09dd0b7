import type { Position } from '#domain/position.ts'

/** One header. Values are bytes because binary headers are real (Spring writes int32 and int64); null is a null header. */
export interface Header {
  readonly name: string
  readonly value: Uint8Array | null
}

/** One record as a broker gives it: bytes, key, headers and timestamp survive unchanged. */
export interface BrokerMessage {
  readonly destination: string
  readonly position: Position
  readonly key: Uint8Array | null
  readonly headers: readonly Header[]
  /** null is a tombstone. */
  readonly payload: Uint8Array | null
  readonly timestampMs: number | null
  readonly timestampKind: 'created' | 'appended' | 'unknown'
  /** Deliveries so far, where the broker counts them. */
  readonly attempts: number | null
  /** Why it died, where the broker itself knows (pg-boss keeps it with the failed job); else the headers tell. */
  readonly brokerFailure: BrokerFailure | null
}

export interface BrokerFailure {
  readonly errorClass: string | null
  readonly errorMessage: string | null
  readonly stack: string | null
  readonly originDestination: string | null
  readonly originPosition: string | null
  /** When it was put where it lies; the timestamp of the message itself may be that of the event in it. */
  readonly diedAtMs: number | null
}

/** Written on every copy that an operation sends: `<operation id>` and `<item ordinal>`. */
export const OPERATION_HEADER = 'throughline-operation'
export const ITEM_HEADER = 'throughline-item'
/** How often this message has been redriven, over all operations; the loop guard reads it. */
export const REDRIVE_COUNT_HEADER = 'throughline-redrive-count'
/** When the message that was redriven first had been sent, in ms since the epoch; a copy has a timestamp of its own. */
export const ORIGINAL_TIMESTAMP_HEADER = 'throughline-original-timestamp'

const decoder = new TextDecoder()

/** First value of a header by name, case-insensitive, as text; null when absent. */
export function headerText(headers: readonly Header[], name: string): string | null {
  const wanted = name.toLowerCase()
  const found = headers.find((header) => header.name.toLowerCase() === wanted)
  return found?.value ? decoder.decode(found.value) : null
}
