import { longString, readWire, shortString, uint64, type WireReader } from '#brokers/rabbitmq/amqp/wire.ts'

/** One entry of a field table. `wire` is its type tag and its value, as it has to be written again. */
export interface TableEntry {
  readonly name: string
  readonly wire: Buffer
}

const FIXED_SIZES: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  l: 8,
  L: 8,
  f: 4,
  d: 8,
  D: 5,
  T: 8,
  V: 0,
}

/** The entries of a table in their order, also those that share a name. @throws RangeError for bytes that are no table */
export function readTable(bytes: Buffer): readonly TableEntry[] {
  const entries: TableEntry[] = []
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes.readUInt8(at)
    const end = nameEnd + fieldSize(bytes, nameEnd)
    if (end > bytes.length) throw new RangeError('a field table ends in the middle of a field')
    entries.push({ name: bytes.toString('utf8', at + 1, nameEnd), wire: bytes.subarray(nameEnd, end) })
    at = end
  }
  return entries
}

export function writeTable(entries: readonly TableEntry[]): Buffer {
  return longString(Buffer.concat(entries.flatMap(({ name, wire }) => [shortString(name), wire])))
}

function fieldSize(bytes: Buffer, at: number): number {
  const type = String.fromCharCode(bytes.readUInt8(at))
  const fixed = FIXED_SIZES[type]
  if (fixed !== undefined) return 1 + fixed
  if ('SxAF'.includes(type)) return 5 + bytes.readUInt32BE(at + 1)
  throw new RangeError(`a field of type ${type} is not known`)
}

/** The bytes of a string field; null for every other type. */
export function stringBytes(wire: Buffer): Buffer | null {
  return wire[0] === 0x53 ? wire.subarray(5) : null
}

export const stringField = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from('S'), longString(bytes)])

export const isVoid = (wire: Buffer): boolean => wire[0] === 0x56
export const VOID_FIELD = Buffer.from('V')

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/** Nobody nests deeper for a reason; whoever sends a thousand levels may not end this process with them. */
const MAX_DEPTH = 32

/**
 * A field for a person to read, as JSON has it. Whole numbers beyond 2^53 and bytes are text; times are ISO text; what is
 * nested deeper than 32 levels is base64 of its bytes.
 */
export function plainField(wire: Buffer, depth = 0): Plain {
  const reader = readWire(wire, 1)
  const type = String.fromCharCode(wire.readUInt8(0))
  if (depth >= MAX_DEPTH && 'FA'.includes(type)) return reader.longBytes().toString('base64')
  if (type === 'S' || type === 'x') return reader.longBytes().toString(type === 'S' ? 'utf8' : 'base64')
  if (type === 'F')
    return Object.fromEntries(readTable(reader.longBytes()).map((one) => [one.name, plainField(one.wire, depth + 1)]))
  if (type === 'A') return readArray(reader.longBytes()).map((one) => plainField(one, depth + 1))
  if (type === 'V') return null
  if (type === 't') return reader.uint8() === 1
  if (type === 'f') return wire.readFloatBE(1)
  if (type === 'd') return wire.readDoubleBE(1)
  if (type === 'T') return isoTime(reader.uint64())
  if (type === 'D') return wire.readInt32BE(2) / 10 ** wire.readUInt8(1)
  return wholeNumber(type, reader)
}

/** Seconds since 1970. */
function isoTime(seconds: bigint): string {
  return seconds < 8_640_000_000_000n ? new Date(Number(seconds) * 1_000).toISOString() : seconds.toString()
}

function wholeNumber(type: string, reader: WireReader): number | string {
  if (type === 'b') return (reader.uint8() << 24) >> 24
  if (type === 'B') return reader.uint8()
  if (type === 's') return (reader.uint16() << 16) >> 16
  if (type === 'u') return reader.uint16()
  if (type === 'I') return reader.uint32() | 0
  if (type === 'i') return reader.uint32()
  const raw = reader.uint64()
  const number = type === 'l' ? BigInt.asIntN(64, raw) : raw
  return Number.isSafeInteger(Number(number)) ? Number(number) : number.toString()
}

function readArray(bytes: Buffer): readonly Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + fieldSize(bytes, at)
    fields.push(bytes.subarray(at, end))
    at = end
  }
  return fields
}

/** A field for the text that a person edited: of the type it had where the text fits that type, else a string. */
export function fieldLike(type: string, text: string): Buffer {
  if (type === 't' && /^(?:true|false)$/.test(text)) return Buffer.from([0x74, text === 'true' ? 1 : 0])
  if ('bBsuIilL'.includes(type) && /^-?\d{1,18}$/.test(text)) {
    return Buffer.concat([Buffer.from('l'), uint64(BigInt.asUintN(64, BigInt(text)))])
  }
  if ((type === 'd' || type === 'f') && text !== '' && Number.isFinite(Number(text))) {
    const wire = Buffer.alloc(9, 'd')
    wire.writeDoubleBE(Number(text), 1)
    return wire
  }
  return stringField(Buffer.from(text, 'utf8'))
}
