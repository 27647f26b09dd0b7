import { rememberRecent } from '#domain/remember-recent.ts'
import {
  ALIAS_KEYS,
  type AttributeSlots,
  CORRELATION_KEYS,
  FACT_KEYS,
  firstText,
  slotsOf,
} from '#domain/trace/attribute-slots.ts'
import type { MessagingFacts } from '#domain/trace/span.ts'

const CORRELATION_SLOTS = slotsOf(CORRELATION_KEYS)
const CONVERSATION_SLOTS = slotsOf(FACT_KEYS.conversationId)
const ALIAS_SLOTS = slotsOf(ALIAS_KEYS)
const REPLY_TO_SLOTS = slotsOf(FACT_KEYS.replyTo)
const TEMPORARY_SLOTS = slotsOf(FACT_KEYS.isTemporary)
const JMS_SLOTS = new Set(slotsOf(['jmscorrelationid', 'messaging_jms_correlation_id']))
const MAX_ID_BYTES = 255

/** Values that programs write when they have no id; taken for one, they would weld everything together. */
const JUNK =
  /^(?:null|nil|none|undefined|unknown|unset|n\/?a|nan|test|string|true|false|empty|default|-?[0-9]|[0-]+|\[object object\]|.)$/i

/** An id as it is stored and compared: trimmed; null for what cannot be one. */
export function usableId(value: string | null | undefined): string | null {
  const id = value?.trim() ?? ''
  if (id === '' || JUNK.test(id)) return null
  return id.length * 3 > MAX_ID_BYTES && new TextEncoder().encode(id).length > MAX_ID_BYTES ? null : id
}

/**
 * Libraries that put an id of their own into the conversation id: Celery its task id (new at every hop), boto3sqs the
 * number of the entry within the batch.
 */
function isConversationTrusted(facts: MessagingFacts | null, scope: string | null): boolean {
  return facts?.system !== 'celery' && !(scope ?? '').endsWith('boto3sqs')
}

/** What JMS providers put into the correlation id of a reply: the id of the request's message. */
export const isJmsMessageId = (id: string): boolean => id.startsWith('ID:')

/** Where replies go: RabbitMQ's own names for it, and what people call such queues. */
const REPLY_PLACE = /^amq\.(?:gen-|rabbitmq\.reply-to)|(?:^|[._-])repl(?:y|ies)(?:[._-]|$)/i

const isReplyPlace = rememberRecent(4_096, (destination: string) => REPLY_PLACE.test(destination), 256)

/**
 * Whether a message is a request that names where its reply goes, or such a reply: what its correlation id pairs are
 * the two, not the whole flow.
 */
function isRequestOrReply(slots: AttributeSlots, facts: MessagingFacts | null): boolean {
  if (firstText(slots, REPLY_TO_SLOTS) !== null) return true
  return TEMPORARY_SLOTS.some((slot) => slots[slot] === 'true') || isReplyPlace(facts?.destination ?? '')
}

export interface FoundIds {
  /** The id of the whole flow; null when the span carries none. */
  readonly correlationId: string | null
  /** Other ids under which the flow may be looked for. */
  readonly aliases: readonly string[]
}

const NOTHING: FoundIds = { correlationId: null, aliases: [] }

/** What a rule of this installation says of a span; null stands for "nothing here is the id of a flow". */
export interface RuledId {
  readonly correlationId: string | null
}

/**
 * The correlation id of a span: what a rule says (`ruled`; null = there is none, or it found nothing), else looked for in
 * the order of the conventions. What else looks like one becomes an alias.
 */
export function findCorrelationId(
  slots: AttributeSlots,
  facts: MessagingFacts | null,
  scope: string | null,
  ruled: RuledId | null = null,
): FoundIds {
  if (ruled !== null && ruled.correlationId === null) return NOTHING
  const conversation = usableId(firstText(slots, CONVERSATION_SLOTS))
  const trusted = isConversationTrusted(facts, scope) ? conversation : null
  const isOfExchange = trusted !== null && isRequestOrReply(slots, facts)
  let correlationId = ruled?.correlationId ?? (isOfExchange ? null : trusted)
  let aliases: string[] | null = trusted === null || trusted === correlationId ? null : [trusted]
  for (const slot of CORRELATION_SLOTS) {
    const value = slots[slot]
    if (value === null || value === undefined) continue
    const id = usableId(value)
    if (id === null || id === correlationId) continue
    const isPairing = JMS_SLOTS.has(slot) && (isJmsMessageId(id) || isRequestOrReply(slots, facts))
    if (correlationId === null && !isPairing) correlationId = id
    else (aliases ??= []).push(id)
  }
  for (const slot of ALIAS_SLOTS) {
    const id = usableId(slots[slot])
    if (id !== null && id !== correlationId) (aliases ??= []).push(id)
  }
  if (correlationId === null && aliases === null) return NOTHING
  return { correlationId, aliases: aliases ?? [] }
}
