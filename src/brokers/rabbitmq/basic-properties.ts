import { readTable, writeTable, type TableEntry } from '#brokers/rabbitmq/amqp/field-table.ts'
import { readWire, shortString, uint16, uint64, type WireReader } from '#brokers/rabbitmq/amqp/wire.ts'

/** The properties of a message in the order of their flags, from bit 15 down (specification, section 4.2.6.1). */
const FIELDS = [
  ['content-type', 'text'],
  ['content-encoding', 'text'],
  ['headers', 'table'],
  ['delivery-mode', 'octet'],
  ['priority', 'octet'],
  ['correlation-id', 'text'],
  ['reply-to', 'text'],
  ['expiration', 'text'],
  ['message-id', 'text'],
  ['timestamp', 'seconds'],
  ['type', 'text'],
  ['user-id', 'text'],
  ['app-id', 'text'],
  ['cluster-id', 'text'],
] as const

export type PropertyName = Exclude<(typeof FIELDS)[number][0], 'headers'>

const NAMES: ReadonlySet<string> = new Set(FIELDS.map(([name]) => name).filter((name) => name !== 'headers'))
export const isPropertyName = (name: string): name is PropertyName => NAMES.has(name)

/** Numbers are decimal text, the timestamp in seconds since 1970. */
export interface BasicProperties {
  readonly values: ReadonlyMap<PropertyName, string>
  readonly table: readonly TableEntry[] | null
}

/** @throws RangeError for bytes that are no properties */
export function readProperties(bytes: Buffer): BasicProperties {
  const flags = bytes.readUInt16BE(0)
  const reader = readWire(bytes, 2)
  const values = new Map<PropertyName, string>()
  let table: readonly TableEntry[] | null = null
  for (const [index, [name, kind]] of FIELDS.entries()) {
    if ((flags & (1 << (15 - index))) === 0) continue
    if (name === 'headers') table = readTable(reader.longBytes())
    else values.set(name, readValue(kind, reader))
  }
  return { values, table }
}

function readValue(kind: 'text' | 'octet' | 'seconds' | 'table', reader: WireReader): string {
  if (kind === 'octet') return reader.uint8().toString()
  return kind === 'seconds' ? reader.uint64().toString() : reader.shortString()
}

/** @throws RangeError for a text of more than 255 bytes or a number that does not fit */
export function writeProperties({ values, table }: BasicProperties): Buffer {
  let flags = 0
  const parts: Buffer[] = []
  for (const [index, [name, kind]] of FIELDS.entries()) {
    const bytes = name === 'headers' ? (table === null ? null : writeTable(table)) : writeValue(kind, values.get(name))
    if (bytes === null) continue
    flags |= 1 << (15 - index)
    parts.push(bytes)
  }
  return Buffer.concat([uint16(flags), ...parts])
}

function writeValue(kind: 'text' | 'octet' | 'seconds' | 'table', value: string | undefined): Buffer | null {
  if (value === undefined) return null
  if (kind === 'text') return shortString(value)
  if (!/^\d{1,20}$/.test(value)) throw new RangeError('a number of the properties is written in digits')
  if (kind === 'seconds') return uint64(BigInt(value))
  if (Number(value) > 255) throw new RangeError('an octet of the properties is at most 255')
  return Buffer.of(Number(value))
}
