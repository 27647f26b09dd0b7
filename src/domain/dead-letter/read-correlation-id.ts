import { indexHeaders, readText } from '#domain/dead-letter/header-value.ts'
import { applyRule, type CorrelationRule, headerKeysOf } from '#domain/trace/correlation-rule.ts'
import { foldKey } from '#domain/trace/attribute-slots.ts'
import { isJmsMessageId, usableId } from '#domain/trace/find-correlation-id.ts'
import type { BrokerMessage } from '#domain/message.ts'

/** Folded header names (lower case, `-` and `.` as `_`), strongest first: tracing conventions, section 2.2. */
const NAMES = [
  'correlationid',
  'correlation_id',
  'x_correlation_id',
  'x_correlationid',
  'x_request_id',
  'x_conversation_id',
  'conversation_id',
  'conversationid',
  'ce_correlationid',
  'nservicebus_conversationid',
  'nservicebus_correlationid',
  'mt_conversationid',
  'jmscorrelationid',
] as const

/** A body beyond this is not opened for an envelope's id. */
const MAX_ENVELOPE_BYTES = 65_536

/** An id and where in the message it stands, in words: `header correlation-id`, `baggage`, `envelope in the body`. */
export interface FoundCorrelation {
  readonly id: string
  readonly foundIn: string
}

/** The id that ties this message to its flow; null without one. See {@link findCorrelation}. */
export function readCorrelationId(message: BrokerMessage, rule: CorrelationRule | null = null): string | null {
  return findCorrelation(message, rule)?.id ?? null
}

/**
 * Finds the id that ties this message to its flow: where the rule of its destination says, else from its headers, W3C
 * baggage, or a CloudEvents envelope; null without one, and where the rule names nothing. What pairs a request with its
 * reply is not looked at: it names one exchange, not the flow.
 */
export function findCorrelation(message: BrokerMessage, rule: CorrelationRule | null = null): FoundCorrelation | null {
  if (rule !== null && rule.names.length === 0) return null
  const index = indexHeaders(message.headers.map((header) => ({ ...header, name: foldKey(header.name) })))
  const ruled = rule === null ? null : applyRule(rule, headerKeysOf, (name) => readText(index, [name]))
  if (ruled !== null && ruled.id !== null) return { id: ruled.id, foundIn: `header ${ruled.name}` }
  for (const name of NAMES) {
    const id = acceptId(readText(index, [name]))
    if (id === null || (isJmsName(name) && isJmsMessageId(id))) continue
    const header = message.headers.find((one) => foldKey(one.name) === name)
    return { id, foundIn: `header ${header?.name ?? name}` }
  }
  const inBaggage = readBaggage(readText(index, ['baggage']))
  if (inBaggage !== null) return { id: inBaggage, foundIn: 'baggage' }
  const inBody = readEnvelope(message)
  return inBody === null ? null : { id: inBody, foundIn: 'envelope in the body' }
}

const isJmsName = (name: string): boolean => name === 'jmscorrelationid'

/** What spans may use as an id is what messages may, and no control characters: it becomes a key and is printed. */
export function acceptId(value: unknown): string | null {
  const id = typeof value === 'string' ? usableId(value) : null
  return id === null || /[\p{Cc}\ufffd]/u.test(id) ? null : id
}

function readBaggage(baggage: string | null): string | null {
  for (const member of baggage?.split(',') ?? []) {
    const [name = '', value = ''] = (member.split(';')[0] ?? '').split('=')
    if (!/^(?:correlation_id|correlationid|session_id)$/.test(foldKey(name.trim()))) continue
    const id = acceptId(decode(value.trim()))
    if (id !== null) return id
  }
  return null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray percent sign is not an encoding.
    return text
  }
}

/** CloudEvents in structured mode and MassTransit's envelope carry the id in the JSON body. */
function readEnvelope(message: BrokerMessage): string | null {
  const body = openEnvelope(message)
  return body === null
    ? null
    : (acceptId(body['correlationid']) ?? acceptId(body['correlationId']) ?? acceptId(body['conversationId']))
}

/** The members of a CloudEvents or MassTransit envelope that the body is; null for any other body. */
export function openEnvelope({ payload }: BrokerMessage): Readonly<Record<string, unknown>> | null {
  if (payload === null || payload[0] !== 0x7b || payload.length > MAX_ENVELOPE_BYTES) return null
  const text = new TextDecoder().decode(payload)
  if (!/"(?:specversion|messageType)"/.test(text)) return null
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    // The body only looked like an envelope.
    return null
  }
}
