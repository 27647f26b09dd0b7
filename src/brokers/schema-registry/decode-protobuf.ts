import type { Field, Type } from 'protobufjs'
import { openDecodeBudget, type DecodeBudget } from '#brokers/schema-registry/decode-budget.ts'
import { printBytes, printDouble, printFloat, textOf } from '#brokers/schema-registry/exact-text.ts'
import { printWellKnown } from '#brokers/schema-registry/print-well-known.ts'
import {
  basicWireOf,
  isEnumeration,
  isMapField,
  isMessage,
  messageAt,
  openProtobufReader,
  type ProtobufReader,
  type ProtobufSchema,
} from '#brokers/schema-registry/protobuf-types.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

const [VARINT, LENGTH_DELIMITED, GROUP, GROUP_END] = [0, 2, 3, 4]
const MOST_INDEXES = 20

export interface ProtobufBody {
  readonly type: Type
  readonly message: Uint8Array
}

/** Which message of the schema follows: a count and as many indexes, in zigzag; a single 0 stands for the first. @throws Undecodable */
export function openProtobufBody(schema: ProtobufSchema, body: Uint8Array): ProtobufBody {
  return orUndecodable(() => {
    const input = openProtobufReader(body)
    const count = input.sint32()
    if (count < 0 || count > MOST_INDEXES)
      throw new Undecodable('its message indexes make no sense', `${count} of them`)
    const indexes = count === 0 ? [0] : Array.from({ length: count }, () => input.sint32())
    return { type: messageAt(schema, indexes), message: body.subarray(input.pos) }
  })
}

/**
 * A Protobuf message as JSON text with the names of the .proto file: 64-bit integers as plain digits, bytes as base64.
 * Fields that always have a value show it, also where the wire leaves it out. protobufjs reads schema and wire; its own
 * messages are not used, because they are made by generated code and lose what they do not know.
 *
 * @throws Undecodable
 */
export function decodeProtobuf({ type, message }: ProtobufBody): string {
  return orUndecodable(() => {
    const input = openProtobufReader(message)
    return readMessage({ input, budget: openDecodeBudget() }, type, input.len, type.name)
  })
}

interface Reading {
  readonly input: ProtobufReader
  readonly budget: DecodeBudget
}

/** Every value of a field as it came: JSON text, of maps with the key before it. */
type Found = Map<Field, string[]>

/** @param end position after the message; null = up to the end of its group */
function readMessage(reading: Reading, type: Type, end: number | null, path: string): string {
  const { input, budget } = reading
  const found: Found = new Map()
  return budget.nest(() => {
    while (end === null || input.pos < end) {
      const tag = input.uint32()
      const wire = tag & 7
      if (end === null && wire === GROUP_END) break
      const field = type.fieldsById[tag >>> 3]
      if (tag >>> 3 === 0) throw new Undecodable('it has a field with the number 0', `in ${path}`)
      if (field === undefined) input.skipType(wire)
      else inPlace(`${path}.${field.name}`, () => readField(reading, field, wire, found, `${path}.${field.name}`))
      if (end !== null && input.pos > end)
        throw new Undecodable('it ends too early', `in ${path}.${field?.name ?? '?'}`)
    }
    return printMessage(type, found, budget, path)
  })
}

function inPlace(path: string, read: () => void): void {
  try {
    read()
  } catch (error) {
    // The reader throws it at the end of its bytes.
    throw error instanceof RangeError ? new Undecodable('it ends too early', `in ${path}`) : error
  }
}

function readField(reading: Reading, field: Field, wire: number, found: Found, path: string): void {
  const values = found.get(field) ?? []
  found.set(field, values)
  const expected = wireOf(field)
  if (isMapField(field)) {
    if (wire !== LENGTH_DELIMITED) throw wrongWire(path)
    values.push(readEntry(reading, field, path))
  } else if (field.repeated && wire === LENGTH_DELIMITED && expected !== LENGTH_DELIMITED && expected !== GROUP) {
    const end = lengthEnd(reading, path)
    while (reading.input.pos < end) values.push(readSingle(reading, field, path))
  } else {
    if (wire !== expected) throw wrongWire(path)
    values.push(readSingle(reading, field, path))
  }
}

const wrongWire = (path: string): Undecodable =>
  new Undecodable('a field is written in another form than its schema says', `in ${path}`)

function wireOf(field: Field): number {
  if (isEnumeration(field.resolvedType)) return VARINT
  if (isMessage(field.resolvedType)) return field.delimited ? GROUP : LENGTH_DELIMITED
  return basicWireOf(field.type) ?? LENGTH_DELIMITED
}

function lengthEnd({ input }: Reading, path: string): number {
  const length = input.uint32()
  if (length > input.len - input.pos) {
    throw new Undecodable('it ends too early', `in ${path}: ${length} bytes wanted, ${input.len - input.pos} left`)
  }
  return input.pos + length
}

function readSingle(reading: Reading, field: Field, path: string): string {
  const { resolvedType } = field
  if (isMessage(resolvedType)) {
    return readMessage(reading, resolvedType, field.delimited ? null : lengthEnd(reading, path), path)
  }
  if (isEnumeration(resolvedType)) {
    const value = reading.input.int32()
    return reading.budget.spend(JSON.stringify(resolvedType.valuesById[value] ?? value))
  }
  return reading.budget.spend(readScalar(reading, field.type, path))
}

/** `"key":value`; either may be left out on the wire. */
function readEntry(reading: Reading, field: Field & { readonly keyType: string }, path: string): string {
  const { input } = reading
  const end = lengthEnd(reading, path)
  let [key, value]: [string | null, string | null] = [null, null]
  while (input.pos < end) {
    const tag = input.uint32()
    if (tag >>> 3 === 1) key = readScalar(reading, field.keyType, path)
    else if (tag >>> 3 === 2) value = readSingle(reading, field, path)
    else input.skipType(tag & 7)
  }
  const name = key ?? defaultOf(field.keyType)
  return `${reading.budget.spend(name.startsWith('"') ? name : `"${name}"`)}:${value ?? emptyOf(field)}`
}

function readScalar({ input }: Reading, type: string, path: string): string {
  switch (type) {
    case 'double':
      return printDouble(input.double())
    case 'float':
      return printFloat(input.float())
    case 'bool':
      return String(input.bool())
    case 'bytes':
      return printBytes(input.bytes())
    case 'string': {
      const text = textOf(input.bytes())
      if (text === null) throw new Undecodable('a text in it is no UTF-8', `in ${path}`)
      return JSON.stringify(text)
    }
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
      return String(input[type]())
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return printLong(input[type]())
    default:
      throw new Undecodable('its schema has a type that is not known here', type)
  }
}

function printLong({ high, low, unsigned }: { high: number; low: number; unsigned: boolean }): string {
  const bits = (BigInt(high) << 32n) | BigInt(low >>> 0)
  return String(unsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits))
}

function printMessage(type: Type, found: Found, budget: DecodeBudget, path: string): string {
  const members = type.fieldsArray.flatMap((field) => {
    const values = found.get(field)
    const last = values?.at(-1)
    if (last === undefined) {
      if (field.required) throw new Undecodable('a field that is required is missing', `${path}.${field.name}`)
      const hasPresence = field.hasPresence || isMessage(field.resolvedType) || field.repeated || isMapField(field)
      return hasPresence ? [] : [[field.name, emptyOf(field)] as const]
    }
    if (isMapField(field)) return [[field.name, `{${values?.join(',')}}`] as const]
    return [[field.name, field.repeated ? `[${values?.join(',')}]` : last] as const]
  })
  const known = printWellKnown(type.fullName, new Map(members))
  return known ?? `{${members.map(([name, text]) => `${budget.spend(JSON.stringify(name))}:${text}`).join(',')}}`
}

function emptyOf(field: Field): string {
  if (isMessage(field.resolvedType)) return '{}'
  if (isEnumeration(field.resolvedType)) return JSON.stringify(field.resolvedType.valuesById[0] ?? 0)
  return defaultOf(field.type)
}

function defaultOf(type: string): string {
  if (type === 'string' || type === 'bytes') return '""'
  return type === 'bool' ? 'false' : '0'
}

/** The reader throws plain errors at the end of its bytes and on numbers that never end. */
function orUndecodable<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (error instanceof Undecodable) throw error
    if (error instanceof RangeError) throw new Undecodable('it ends too early')
    if (error instanceof Error) throw new Undecodable('it is no Protobuf message', error.message)
    throw error
  }
}
