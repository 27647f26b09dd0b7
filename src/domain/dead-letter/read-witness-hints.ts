import { indexHeaders, readText } from '#domain/dead-letter/header-value.ts'
import type { Header } from '#domain/message.ts'

/** Names in lower case, strongest first. MassTransit writes the assembly of the host that failed. */
const VERSION_NAMES = [
  'service.version',
  'service-version',
  'x-service-version',
  'app-version',
  'x-app-version',
  'mt-host-assemblyversion',
]
const MESSAGE_ID_NAMES = [
  'message-id',
  'message_id',
  'messageid',
  'ce_id',
  'ce-id',
  'nservicebus.messageid',
  'x-message-id',
]
const MAX_LENGTH = 100

const readShort = (headers: readonly Header[], names: readonly string[]): string | null => {
  const text = readText(indexHeaders(headers), names)?.trim() ?? ''
  return text === '' || text.length > MAX_LENGTH || text.includes('\u0000') ? null : text
}

/** The version of a service that a header names; null where none does. */
export const readVersionHeader = (headers: readonly Header[]): string | null => readShort(headers, VERSION_NAMES)

/** The message's own id, as spans would name it; null where no header has one. */
export const readMessageId = (headers: readonly Header[]): string | null => readShort(headers, MESSAGE_ID_NAMES)
