import { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import type { Header } from '#domain/message.ts'

/** A message as a line of an export brings it, byte for byte. */
export interface ImportedMessage {
  readonly key: Uint8Array | null
  readonly headers: readonly Header[]
  /** null is a tombstone. */
  readonly payload: Uint8Array | null
  readonly originDestination: string | null
  readonly correlationId: string | null
}

const FORMAT = 'throughline-dead-letter/1'
const MAX_HEADERS = 1_000

const written = z.union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.string() })]).nullable()
const name = z.string().max(1_000).nullish()

const line = z.object({
  format: z.literal(FORMAT),
  key: written,
  headers: z.array(z.strictObject({ name: z.string().max(10_000), value: written })).max(MAX_HEADERS),
  payload: written,
  isPayloadCut: z.boolean().default(false),
  originDestination: name,
  correlationId: name,
})

/**
 * Reads one line of JSON Lines as `writeMessageLine` writes it. Facts that do not belong to the message are not looked
 * at, so that a file may also be written by others.
 *
 * @throws Failure `invalid` that says what is wrong with it, never what stands in it
 */
export function readMessageLine(text: string): ImportedMessage {
  const parsed = line.safeParse(parseJson(text))
  if (!parsed.success) throw new Failure('invalid', describeIssue(parsed.error))
  const { key, headers, payload, isPayloadCut, originDestination, correlationId } = parsed.data
  if (isPayloadCut) throw new Failure('invalid', 'the file holds only the beginning of its payload (isPayloadCut)')
  return {
    key: readBytes(key, 'key'),
    headers: headers.map((header, at) => ({
      name: requireStorable(header.name, `headers[${at}].name`),
      value: readBytes(header.value, `headers[${at}].value`),
    })),
    payload: readBytes(payload, 'payload'),
    originDestination: originDestination ? requireStorable(originDestination, 'originDestination') : null,
    correlationId: correlationId ? requireStorable(correlationId, 'correlationId') : null,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says quotes the text; a payload does not belong into an answer or a log.
    throw new Failure('invalid', 'it is not JSON')
  }
}

function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues
  const at = issue?.path.join('.') ?? ''
  if (at === '') return 'it is not an object'
  if (at === 'format') return `its format is not ${FORMAT}`
  return `${at.slice(0, 100)} is missing or not as an export writes it`
}

function readBytes(value: z.output<typeof written>, at: string): Uint8Array | null {
  if (value === null) return null
  if ('text' in value) {
    if (!value.text.isWellFormed()) throw new Failure('invalid', `${at}.text is not Unicode: half of a surrogate pair`)
    return new TextEncoder().encode(value.text)
  }
  const bytes = Buffer.from(value.base64, 'base64')
  if (bytes.toString('base64') !== value.base64) throw new Failure('invalid', `${at}.base64 is not base64`)
  return new Uint8Array(bytes)
}

/** The database keeps names as text, which holds neither. */
function requireStorable(text: string, at: string): string {
  if (text.includes('\u0000')) throw new Failure('invalid', `${at} holds the character NUL`)
  if (!text.isWellFormed()) throw new Failure('invalid', `${at} is not Unicode: half of a surrogate pair`)
  return text
}
