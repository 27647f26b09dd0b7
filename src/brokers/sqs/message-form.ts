import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs'
import { Failure } from '#domain/failure.ts'
import type { Header } from '#domain/message.ts'

/**
 * Says what of a message of SQS is no plain text attribute, so that a copy is the same byte for byte: headers of this
 * project are bytes, attributes of SQS are typed. It never reaches SQS.
 */
export const FORM_HEADER = 'throughline-sqs'
/** Our marks in one attribute, where each in its own would be more than SQS lets a message have. */
const PACKED_MARKS = 'throughline'
const MARK = /^throughline-/i
const TRACE_HEADER = 'AWSTraceHeader'
const MAX_ATTRIBUTES = 10
const ATTRIBUTE_NAME = /^(?!(?:AWS|Amazon)\.)(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i
/** What a body and a text may hold (characters of XML 1.0). */
const FORBIDDEN_TEXT = /[^\u{9}\u{A}\u{D}\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u

/** What {@link FORM_HEADER} holds, as JSON. */
interface MessageForm {
  /** The type of every attribute that is no `String`. */
  readonly types: Readonly<Record<string, string>>
  /** Whether the key is the message group of a standard queue. */
  readonly isGrouped: boolean
  /** Whether {@link TRACE_HEADER} is the system attribute and no attribute of the sender's. */
  readonly isTraced: boolean
  /** Read from an envelope in the body, which goes along anyway: name, and value in base64. */
  readonly opened: readonly (readonly [name: string, value: string])[]
}

const PLAIN: MessageForm = { types: {}, isGrouped: false, isTraced: false, opened: [] }
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8')

/** @param opened headers that an envelope in the body carries */
export function toHeaders(message: Message, keyAttribute: string | null, opened: readonly Header[]): readonly Header[] {
  const types: Record<string, string> = {}
  const headers: Header[] = []
  const names = Object.keys(message.MessageAttributes ?? {}).toSorted()
  for (const name of names) {
    const attribute = message.MessageAttributes?.[name]
    if (attribute === undefined || name === keyAttribute) continue
    if (name === PACKED_MARKS && attribute.StringValue !== undefined)
      headers.push(...unpackMarks(attribute.StringValue))
    else {
      headers.push({ name, value: valueOf(attribute) })
      if (attribute.DataType !== 'String') types[name] = attribute.DataType ?? 'String'
    }
  }
  const trace = message.Attributes?.AWSTraceHeader
  if (trace !== undefined) headers.push({ name: TRACE_HEADER, value: bytesOf(trace) })
  const known = new Set(headers.map(({ name }) => name.toLowerCase()))
  const added = opened.filter(({ name }) => !known.has(name.toLowerCase()))
  const form: MessageForm = {
    types,
    isGrouped: message.Attributes?.MessageGroupId !== undefined,
    isTraced: trace !== undefined,
    opened: added.map(({ name, value }) => [name, Buffer.from(value ?? []).toString('base64')]),
  }
  const isPlain = Object.keys(types).length === 0 && !form.isGrouped && !form.isTraced && added.length === 0
  return [...headers, ...added, ...(isPlain ? [] : [{ name: FORM_HEADER, value: bytesOf(JSON.stringify(form)) }])]
}

const valueOf = ({ StringValue: text, BinaryValue: binary }: MessageAttributeValue): Uint8Array =>
  binary === undefined ? bytesOf(text ?? '') : Buffer.from(binary)

function unpackMarks(text: string): readonly Header[] {
  try {
    const marks: unknown = JSON.parse(text)
    if (typeof marks === 'object' && marks !== null) {
      return Object.entries(marks).map(([name, value]) => ({ name, value: bytesOf(String(value)) }))
    }
  } catch {
    // Somebody else's attribute of that name.
  }
  return [{ name: PACKED_MARKS, value: bytesOf(text) }]
}

export interface PreparedAttributes {
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>
  readonly traceHeader: string | null
  readonly isGrouped: boolean
}

/**
 * The attributes that these headers stand for.
 * @throws Failure `invalid` for what no message of SQS can carry
 */
export function fromHeaders(
  headers: readonly Header[],
  key: { readonly name: string; readonly value: Uint8Array } | null,
): PreparedAttributes {
  const form = readForm(headers)
  const opened = new Set(form.opened.map(([name, value]) => `${name}=${value}`))
  const attributes: Record<string, MessageAttributeValue> = {}
  let traceHeader: string | null = null
  for (const { name, value } of headers) {
    if (name === FORM_HEADER || opened.has(`${name}=${Buffer.from(value ?? []).toString('base64')}`)) continue
    if (name === TRACE_HEADER && form.isTraced) {
      traceHeader = value === null ? null : Buffer.from(value).toString('utf8')
      continue
    }
    if (Object.hasOwn(attributes, name)) throw invalid(`it has two headers ${name}, and SQS keeps one of each name`)
    attributes[name] = toAttribute(name, value, Object.hasOwn(form.types, name) ? form.types[name] : undefined)
  }
  if (key !== null) attributes[key.name] = toAttribute(key.name, key.value, undefined)
  return { attributes: packWhereMany(attributes), traceHeader, isGrouped: form.isGrouped }
}

function toAttribute(name: string, value: Uint8Array | null, type: string | undefined): MessageAttributeValue {
  // The SDK loses an attribute of this name.
  if (!ATTRIBUTE_NAME.test(name) || name === '__proto__')
    throw invalid(`SQS has no attributes of the name ${JSON.stringify(name.slice(0, 80))}`)
  if (value === null || value.length === 0)
    throw invalid(`its header ${name} is empty, and SQS has no empty attributes`)
  if (type?.startsWith('Binary') === true) return { DataType: type, BinaryValue: value }
  const text = textOf(value)
  if (text === null) return { DataType: 'Binary', BinaryValue: value }
  return { DataType: type ?? 'String', StringValue: text }
}

function packWhereMany(attributes: Record<string, MessageAttributeValue>): Record<string, MessageAttributeValue> {
  const all = Object.entries(attributes)
  if (all.length <= MAX_ATTRIBUTES) return attributes
  const marks = all.filter(([name]) => MARK.test(name))
  const others = all.filter(([name]) => !MARK.test(name))
  const packed = JSON.stringify(Object.fromEntries(marks.map(([name, { StringValue: text }]) => [name, text])))
  const count = others.length + (marks.length === 0 ? 0 : 1)
  if (count > MAX_ATTRIBUTES) {
    throw invalid(`SQS keeps ${MAX_ATTRIBUTES} attributes of a message, and with the marks of its copy it has ${count}`)
  }
  return { ...Object.fromEntries(others), [PACKED_MARKS]: { DataType: 'String', StringValue: packed } }
}

/** null for bytes that SQS does not keep as text. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = decoder.decode(bytes)
    return FORBIDDEN_TEXT.test(text) ? null : text
  } catch {
    // No UTF-8.
    return null
  }
}

const invalid = (why: string): Failure => new Failure('invalid', why)

function readForm(headers: readonly Header[]): MessageForm {
  const value = headers.find(({ name }) => name === FORM_HEADER)?.value
  if (value === null || value === undefined) return PLAIN
  try {
    const form = JSON.parse(new TextDecoder().decode(value)) as Partial<MessageForm>
    return {
      types: typeof form.types === 'object' && form.types !== null ? form.types : {},
      isGrouped: form.isGrouped === true,
      isTraced: form.isTraced === true,
      opened: Array.isArray(form.opened) ? form.opened : [],
    }
  } catch {
    // Somebody edited it: then all headers are what they look like, texts of the message.
    return PLAIN
  }
}
