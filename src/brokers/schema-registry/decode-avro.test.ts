import avro, { type Schema } from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAvro } from '#brokers/schema-registry/avro-types.ts'
import { decodeAvro } from '#brokers/schema-registry/decode-avro.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

const open = (schema: Schema) => parseAvro({ text: JSON.stringify(schema), references: [] })
const field = (name: string, type: unknown): { name: string; type: Schema } => ({ name, type: type as Schema })
const record = (...fields: { name: string; type: Schema }[]): Schema => ({ type: 'record', name: 'R', fields })
const zigzag = (value: bigint): Buffer => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
const decode = (schema: Schema, ...bytes: readonly Uint8Array[]) => decodeAvro(open(schema), Buffer.concat(bytes))

test('what avsc writes is read back as the same JSON, through records, unions, maps, arrays and enums', () => {
  const schema = record(
    field('flag', 'boolean'),
    field('note', ['null', 'string']),
    field('tags', { type: 'array', items: 'string' }),
    field('counts', { type: 'map', values: 'int' }),
    field('size', { type: 'enum', name: 'Size', symbols: ['S', 'L'] }),
    field('ratio', 'float'),
    field('raw', 'bytes'),
    field('next', ['null', 'R']),
  )
  const inner = {
    flag: false,
    note: null,
    tags: [],
    counts: {},
    size: 'S',
    ratio: 0.1,
    raw: Buffer.of(0, 255),
    next: null,
  }
  const value = {
    ...inner,
    note: { string: 'ü "x"' },
    tags: ['a', ''],
    counts: { k: -1 },
    size: 'L',
    next: { R: inner },
  }
  const bytes = avro.Type.forSchema(schema, { wrapUnions: true }).toBuffer(value)
  const shown = { ...inner, raw: 'AP8=' }
  expect(JSON.parse(decode(schema, bytes))).toEqual({
    ...shown,
    note: 'ü "x"',
    tags: ['a', ''],
    counts: { k: -1 },
    size: 'L',
    next: shown,
  })
})

test('numbers beyond 2^53, decimals and times keep every digit', () => {
  const decimal = { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 3 }
  expect(decode('long', zigzag(9_223_372_036_854_775_807n))).toBe('9223372036854775807')
  expect(decode('long', zigzag(-9_223_372_036_854_775_808n))).toBe('-9223372036854775808')
  expect(decode(decimal as Schema, zigzag(1n), Buffer.of(0xff))).toBe('-0.001')
  expect(decode(decimal as Schema, zigzag(0n))).toBe('0.000')
  const timed = (type: string, logicalType: string, value: bigint) =>
    decode({ type, logicalType } as Schema, zigzag(value))
  expect(timed('long', 'timestamp-micros', 1_700_000_000_123_456n)).toBe('"2023-11-14T22:13:20.123456Z"')
  expect(timed('long', 'timestamp-millis', -1n)).toBe('"1969-12-31T23:59:59.999Z"')
  expect(timed('long', 'local-timestamp-nanos', 1n)).toBe('"1970-01-01T00:00:00.000000001"')
  expect(timed('long', 'timestamp-millis', 9_223_372_036_854_775_807n)).toBe('9223372036854775807')
  expect(timed('int', 'date', 19_723n)).toBe('"2024-01-01"')
  expect(timed('int', 'time-millis', 45_296_789n)).toBe('"12:34:56.789"')
  const uuid = { type: 'fixed', size: 16, name: 'U', logicalType: 'uuid' }
  expect(decode(uuid as Schema, Buffer.from('00112233445566778899aabbccddeeff', 'hex'))).toBe(
    '"00112233-4455-6677-8899-aabbccddeeff"',
  )
})

test('a logical type that does not fit its type is shown as the bare value', () => {
  expect(decode({ type: 'string', logicalType: 'timestamp-millis' } as Schema, zigzag(1n), Buffer.from('x'))).toBe(
    '"x"',
  )
  expect(decode({ type: 'string', logicalType: 'of-ours' } as Schema, zigzag(1n), Buffer.from('x'))).toBe('"x"')
})

test('bare bytes have no length before them, as the serialiser writes them', () => {
  expect(decode('bytes', Buffer.of(1, 2))).toBe('"AQI="')
})

test('a payload that ends too early or goes on too long is told with the place', () => {
  const schema = record(field('a', 'string'), field('b', { type: 'array', items: record(field('c', 'double')) }))
  const nested = () => decode({ ...(schema as object), name: 'S' } as Schema, zigzag(0n), zigzag(1n), Buffer.of(1))
  expect(nested).toThrow(
    expect.objectContaining({ reason: 'it ends too early', detail: expect.stringContaining('in b[].c') }),
  )
  expect(() => decode('int', Buffer.of(2, 2))).toThrow(/longer than its schema says/)
})

test('counts that lie cost nothing: billions of values of no bytes end at a bound', () => {
  expect(() => decode({ type: 'array', items: 'null' }, zigzag(4_000_000_000n))).toThrow(/more than 200,000 values/)
  expect(() => decode({ type: 'array', items: 'string' }, zigzag(4_000_000_000n))).toThrow(Undecodable)
  const deep = record(field('next', ['null', 'R']))
  expect(() => decode(deep, ...Array.from({ length: 5_000 }, () => zigzag(1n)))).toThrow(/nested deeper/)
})

test('whatever the bytes are, they are decoded to JSON or refused as undecodable', () => {
  const type = open(
    record(
      field('id', 'long'),
      field('lines', { type: 'array', items: { type: 'map', values: ['null', 'string', 'double'] } }),
      field('at', { type: 'long', logicalType: 'timestamp-micros' }),
      field('total', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }),
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        JSON.parse(decodeAvro(type, bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(Undecodable)
      }
    }),
    { numRuns: 2_000 },
  )
})
