import {
  fieldLike,
  isVoid,
  plainField,
  stringBytes,
  stringField,
  VOID_FIELD,
  type TableEntry,
} from '#brokers/rabbitmq/amqp/field-table.ts'
import { isPropertyName, type BasicProperties, type PropertyName } from '#brokers/rabbitmq/basic-properties.ts'
import type { Header } from '#domain/message.ts'

/**
 * Says which headers are properties and which have a type of their own, so that a copy is the same byte for byte:
 * headers of this project are bytes, those of AMQP are typed. It never reaches RabbitMQ.
 */
export const FORM_HEADER = 'throughline-amqp'

/** What {@link FORM_HEADER} holds, as JSON. */
interface MessageForm {
  readonly properties: readonly string[]
  /** For every header that is no string: its name, and type and value in base64; in the order of the headers. */
  readonly typed: readonly (readonly [name: string, wire: string])[]
  /** The routing key with which it was published before it died. */
  readonly routingKey: string | null
}

/** Written by RabbitMQ for whoever reads, and never sent back. */
const DEATH = 'x-death'
/** How often a quorum queue has delivered it; the queue counts anew for a copy. */
export const DELIVERY_COUNT = 'x-delivery-count'
const STREAM_OFFSET = 'x-stream-offset'
/** More queues for the same message: a copy is for the one that failed. */
const MORE_TARGETS = new Set(['CC', 'BCC'])

/** Properties under their own names, then the headers of the message, then the form. */
export function toHeaders({ values, table }: BasicProperties, routingKey: string | null): readonly Header[] {
  const typed: [string, string][] = []
  const headers: Header[] = [...values].map(([name, value]) => ({ name, value: Buffer.from(value, 'utf8') }))
  for (const { name, wire } of table ?? []) {
    if (name === DELIVERY_COUNT || name === STREAM_OFFSET) continue
    const text = stringBytes(wire)
    headers.push({ name, value: text ?? (isVoid(wire) ? null : Buffer.from(printField(wire), 'utf8')) })
    if (text === null && !isVoid(wire) && name !== DEATH) typed.push([name, wire.toString('base64')])
  }
  const form: MessageForm = { properties: [...values.keys()], typed, routingKey }
  return [...headers, { name: FORM_HEADER, value: Buffer.from(JSON.stringify(form), 'utf8') }]
}

export function printField(wire: Buffer): string {
  const plain = plainField(wire)
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}

/** The properties that these headers stand for, and the routing key of the original where the headers tell it. */
export function fromHeaders(headers: readonly Header[]): BasicProperties & { readonly routingKey: string | null } {
  const form = readForm(headers)
  const unread = new Set(form.properties.filter(isPropertyName))
  const typed = new Map<string, Buffer[]>()
  for (const [name, wire] of form.typed) typed.set(name, [...(typed.get(name) ?? []), Buffer.from(wire, 'base64')])
  const values = new Map<PropertyName, string>()
  const table: TableEntry[] = []
  for (const { name, value } of headers) {
    if (name === FORM_HEADER || MORE_TARGETS.has(name)) continue
    if (isPropertyName(name) && unread.delete(name)) {
      if (value !== null) values.set(name, Buffer.from(value).toString('utf8'))
    } else table.push({ name, wire: fieldOf(value, typed.get(name)?.shift()) })
  }
  return { values, table: table.length === 0 ? null : table, routingKey: form.routingKey }
}

/** As it was where nobody changed it. */
function fieldOf(value: Uint8Array | null, wire: Buffer | undefined): Buffer {
  if (value === null) return VOID_FIELD
  if (wire === undefined) return stringField(value)
  const text = Buffer.from(value).toString('utf8')
  return printField(wire) === text ? wire : fieldLike(String.fromCharCode(wire[0] ?? 0), text)
}

const NO_FORM: MessageForm = { properties: [], typed: [], routingKey: null }

function readForm(headers: readonly Header[]): MessageForm {
  const value = headers.find(({ name }) => name === FORM_HEADER)?.value
  if (value === null || value === undefined) return NO_FORM
  try {
    const form = JSON.parse(new TextDecoder().decode(value)) as Partial<MessageForm>
    return {
      properties: Array.isArray(form.properties) ? form.properties : [],
      typed: Array.isArray(form.typed) ? form.typed.filter(isTypedPair) : [],
      routingKey: typeof form.routingKey === 'string' ? form.routingKey : null,
    }
  } catch {
    // Somebody edited it: then all headers are what they look like, strings of the message.
    return NO_FORM
  }
}

const isTypedPair = (pair: unknown): pair is [string, string] =>
  Array.isArray(pair) &&
  pair.length === 2 &&
  typeof pair[0] === 'string' &&
  typeof pair[1] === 'string' &&
  pair[1] !== ''
