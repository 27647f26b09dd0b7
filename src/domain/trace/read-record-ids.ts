import { foldKey } from '#domain/trace/attribute-slots.ts'
import { acceptId, findCorrelation, openEnvelope } from '#domain/dead-letter/read-correlation-id.ts'
import type { BrokerMessage } from '#domain/message.ts'
import type { CorrelationRule } from '#domain/trace/correlation-rule.ts'

/** What a record says that its message is called. */
export interface RecordIds {
  /** The id of the whole flow; null when the record carries none. */
  readonly correlationId: string | null
  /** Where in the record it stands, in words; null without one. */
  readonly foundIn: string | null
  /** Ids of the event itself: of the CloudEvent, of a request and its reply, and the record key. */
  readonly aliases: readonly string[]
}

/** Headers whose value names the event or its exchange. */
const ALIAS_HEADERS = new Set(['ce_id', 'cloudevents_id', 'kafka_correlationid', 'event_id', 'message_id'])
const MAX_ALIASES = 8
/** A key beyond this is data, not a name. */
const MAX_KEY_BYTES = 200

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads the names of a message from its record as a broker gives it. @param rule of its destination; null = conventions */
export function readRecordIds(message: BrokerMessage, rule: CorrelationRule | null = null): RecordIds {
  const found = findCorrelation(message, rule)
  const said: unknown[] = message.headers.map(({ name, value }) =>
    value !== null && ALIAS_HEADERS.has(foldKey(name)) ? textOf(value) : null,
  )
  const envelope = openEnvelope(message)
  if (envelope?.['specversion'] !== undefined) said.push(envelope['id'])
  if (message.key !== null && message.key.length <= MAX_KEY_BYTES) said.push(textOf(message.key))
  const aliases = new Set(said.flatMap((one) => acceptId(one) ?? []))
  if (found !== null) aliases.delete(found.id)
  return {
    correlationId: found?.id ?? null,
    foundIn: found?.foundIn ?? null,
    aliases: [...aliases].slice(0, MAX_ALIASES),
  }
}

/** null for bytes that are no text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    // Spring writes numbers and random ids as bytes.
    return null
  }
}
