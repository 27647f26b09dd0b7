import type { Type } from 'avsc'
import { AvroReader } from '#brokers/schema-registry/avro-reader.ts'
import { isAnnotated, isArray, isEnum, isFixed, isMap, isRecord, isUnion } from '#brokers/schema-registry/avro-types.ts'
import { openDecodeBudget, type DecodeBudget } from '#brokers/schema-registry/decode-budget.ts'
import {
  printBytes,
  printDate,
  printDecimal,
  printDouble,
  printFloat,
  printInstant,
  printTimeOfDay,
  textOf,
} from '#brokers/schema-registry/exact-text.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

interface Reading {
  readonly input: AvroReader
  readonly budget: DecodeBudget
}

/**
 * Avro's binary encoding as JSON text. avsc reads the schema, but not the bytes: it believes every count, and a damaged
 * one makes it allocate and loop without end.
 *
 * @throws Undecodable
 */
export function decodeAvro(type: Type, body: Uint8Array): string {
  // Confluent's serialiser writes a schema of bare bytes without their length.
  if (type.typeName === 'bytes') return printBytes(body)
  const input = new AvroReader(body)
  const text = readValue({ input, budget: openDecodeBudget() }, type)
  if (input.leftBytes > 0) throw new Undecodable('it is longer than its schema says', `${input.leftBytes} bytes left`)
  return text
}

function readValue(reading: Reading, type: Type): string {
  if (isAnnotated(type)) return readLogical(reading, type.underlyingType, type.annotation)
  if (isRecord(type)) {
    return reading.budget.nest(() => {
      const members = type.fields.map(
        (field) => `${reading.budget.spend(`"${field.name}"`)}:${readAt(reading, field.type, field.name)}`,
      )
      return `{${members.join(',')}}`
    })
  }
  if (isUnion(type)) {
    const branch = type.types[readChoice(reading, type.types.length, 'a union')]
    return branch === undefined ? 'null' : reading.budget.nest(() => readValue(reading, branch))
  }
  if (isArray(type)) return `[${readBlocks(reading, () => readAt(reading, type.itemsType, '[]')).join(',')}]`
  if (isMap(type)) {
    const entries = readBlocks(reading, () => {
      const key = readText(reading)
      return `${key}:${readAt(reading, type.valuesType as Type, '[]')}`
    })
    return `{${entries.join(',')}}`
  }
  return reading.budget.spend(readLeaf(reading, type))
}

/** The same, with the place in the message on what goes wrong. */
function readAt(reading: Reading, type: Type, name: string): string {
  try {
    return readValue(reading, type)
  } catch (error) {
    throw error instanceof Undecodable ? error.within(name) : error
  }
}

function readLeaf(reading: Reading, type: Type): string {
  const { input } = reading
  if (isEnum(type)) {
    return JSON.stringify(type.symbols[readChoice(reading, type.symbols.length, 'an enum')])
  }
  if (isFixed(type)) return printBytes(input.take(type.size))
  switch (type.typeName) {
    case 'null':
      return 'null'
    case 'boolean':
      return readBoolean(input)
    case 'int':
      return String(input.readInt())
    case 'long':
      return input.readLongText()
    case 'float':
      return printFloat(viewOf(input.take(4)).getFloat32(0, true))
    case 'double':
      return printDouble(viewOf(input.take(8)).getFloat64(0, true))
    case 'bytes':
      return printBytes(input.take(input.readLength()))
    case 'string':
      return readText(reading)
    default:
      throw new Undecodable(`its schema has a type that is not known here: ${type.typeName}`)
  }
}

/** What a logical type means; where the annotation does not fit the type, the bare value, as Avro asks. */
function readLogical(reading: Reading, type: Type, annotation: Readonly<Record<string, unknown>>): string {
  const { input, budget } = reading
  const name = String(annotation['logicalType'])
  const isBinary = type.typeName === 'bytes' || type.typeName === 'fixed'
  if (name === 'decimal' && isBinary) {
    const bytes = input.take(isFixed(type) ? type.size : input.readLength())
    return budget.spend(printDecimal(bytes, Number(annotation['scale'] ?? 0)))
  }
  if (name === 'uuid' && isFixed(type) && type.size === 16) return budget.spend(printUuid(input.take(16)))
  if (name === 'duration' && isFixed(type) && type.size === 12) {
    const view = viewOf(input.take(12))
    const [months, days, millis] = [0, 4, 8].map((offset) => view.getUint32(offset, true))
    return budget.spend(`{"months":${months},"days":${days},"millis":${millis}}`)
  }
  if (name === 'date' && type.typeName === 'int') return budget.spend(printDate(input.readInt()))
  const unit = UNITS[name.slice(name.lastIndexOf('-') + 1)]
  if (unit !== undefined && (type.typeName === 'int' || type.typeName === 'long')) {
    const count = input.readLong()
    if (name.startsWith('time-')) return budget.spend(printTimeOfDay(count, unit))
    return budget.spend(printInstant(count, unit, name.startsWith('local-') ? '' : 'Z'))
  }
  return readValue(reading, type)
}

const UNITS: Readonly<Record<string, bigint>> = { millis: 1_000n, micros: 1_000_000n, nanos: 1_000_000_000n }

/** Blocks of items, each with its count before it; a negative count has the block's size behind it. */
function readBlocks(reading: Reading, readItem: () => string): string[] {
  const items: string[] = []
  return reading.budget.nest(() => {
    for (;;) {
      let left = reading.input.readCount()
      if (left === 0) return items
      if (left < 0) {
        left = -left
        reading.input.readLong()
      }
      // An item may take no bytes at all: the budget ends what the bytes do not.
      for (; left > 0; left -= 1) {
        reading.budget.spend('')
        items.push(readItem())
      }
    }
  })
}

function readChoice({ input }: Reading, count: number, what: string): number {
  const choice = input.readInt()
  if (choice >= 0 && choice < count) return choice
  throw new Undecodable(`${what} in it has no such choice`, `${choice} of ${count}`)
}

function readBoolean(input: AvroReader): string {
  const [byte] = input.take(1)
  if (byte === 0 || byte === 1) return byte === 1 ? 'true' : 'false'
  throw new Undecodable('a boolean in it is neither true nor false', `${byte}`)
}

function readText({ input }: Reading): string {
  const text = textOf(input.take(input.readLength()))
  if (text === null) throw new Undecodable('a text in it is no UTF-8')
  return JSON.stringify(text)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const printUuid = (bytes: Uint8Array): string =>
  `"${Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}"`
