import type { DueWitness, TakenReason } from '#db/store/witness-store.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import { fingerprintOf } from '#domain/dead-letter/fingerprint.ts'
import { readMessageId } from '#domain/dead-letter/read-witness-hints.ts'
import { parsePosition } from '#domain/position.ts'
import type { SpanException } from '#domain/trace/span.ts'
import type { KnownMessage } from '#telemetry-store/postgres/read-receipts.ts'

const MAX_TEXT = 8_192
const MAX_STACK = 32_768

/** What a dead letter knows of the message that failed: its id, and where it lay before. */
export function knownMessageOf(letter: DueWitness): KnownMessage & { readonly atUs: number } {
  const position = letter.originPosition === null ? null : parsePosition(letter.originPosition)
  const isNumbered = position !== null && /^\d+$/.test(position.sequence)
  return {
    messageId:
      readMessageId(letter.headers.map(readStoredHeader)) ??
      readEventId(letter) ??
      (isNumbered ? null : (position?.sequence ?? null)),
    destination: letter.originDestination,
    partition: isNumbered ? position.lane : null,
    offset: isNumbered ? position.sequence : null,
    atUs: letter.deadAtMs * 1_000,
  }
}

/** The id of a CloudEvents envelope, where the payload is one. */
function readEventId({ payload }: DueWitness): string | null {
  if (payload === null || payload[0] !== 0x7b) return null
  const text = new TextDecoder().decode(payload)
  if (!text.includes('"specversion"')) return null
  try {
    const envelope: unknown = JSON.parse(text)
    const id = typeof envelope === 'object' && envelope !== null && 'id' in envelope ? envelope.id : null
    return typeof id === 'string' ? id : null
  } catch {
    // Payloads are other people's, and stored in part: what is no envelope has no id.
    return null
  }
}

const clean = (text: string | null, most: number): string | null =>
  text === null ? null : text.slice(0, most).replaceAll('\u0000', '\ufffd')

/** The reason that a letter without one takes from its span; null when it has one, or the span has none. */
export function reasonOf(
  { id, lacksReason, dialect }: DueWitness,
  exception: SpanException | null,
): TakenReason | null {
  if (!lacksReason || exception === null || exception.type === null) return null
  const reason = {
    exceptionClass: clean(exception.type, 1_024),
    exceptionMessage: clean(exception.message, MAX_TEXT),
    stack: clean(exception.stack, MAX_STACK),
  }
  const nowhere = { originDestination: null, originPartition: null, originOffset: null, originTimestampMs: null }
  const fingerprint = fingerprintOf({ dialect, ...nowhere, consumerGroup: null, attempts: null, ...reason })
  return { id, ...reason, fingerprint: { ...fingerprint, title: clean(fingerprint.title, 4_096) ?? '' } }
}
