import fc from 'fast-check'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import { decodeProtobuf, openProtobufBody } from '#brokers/schema-registry/decode-protobuf.ts'
import { findMessage, parseProtobuf } from '#brokers/schema-registry/protobuf-types.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

const open = (text: string) => parseProtobuf({ text, references: [] })
const PROTO3 = `syntax = "proto3"; package p;
  import "google/protobuf/wrappers.proto"; import "google/protobuf/duration.proto";
  message All {
    double d = 1; float f = 2; sint64 s = 3; fixed64 x = 4; bool ok = 5; string name = 6; bytes raw = 7;
    repeated int32 packed = 8; repeated string words = 9; optional int32 maybe = 10; Kind kind = 11; All next = 12;
    google.protobuf.Int64Value wrapped = 13; google.protobuf.Duration wait = 14; map<int32, All> by_id = 15;
  }
  enum Kind { NONE = 0; BIG = 1; }`
const schema = open(PROTO3)
const encode = (value: object, text = PROTO3, name = 'p.All'): Uint8Array => {
  const root = new protobuf.Root()
  protobuf.parse(text, root, { keepCase: true })
  for (const common of ['wrappers', 'duration'])
    root.addJSON(protobuf.common.get(`google/protobuf/${common}.proto`)!.nested!)
  const type = root.lookupType(name)
  return type.encode(type.fromObject(value)).finish()
}
const decode = (body: Uint8Array, from = schema) =>
  decodeProtobuf(openProtobufBody(from, Buffer.concat([Buffer.of(0), body])))

test('what protobufjs writes is read back, 64-bit numbers digit by digit and absent scalars as their defaults', () => {
  const text = decode(
    encode({
      f: 0.1,
      s: '-9223372036854775808',
      x: '18446744073709551615',
      raw: Buffer.of(0, 255),
      packed: [1, -2],
      words: ['a'],
      kind: 1,
      next: { maybe: 0 },
      wrapped: { value: '9007199254740993' },
      wait: { seconds: 1, nanos: 500_000_000 },
      by_id: { 7: { name: 'x' } },
    }),
  )
  expect(text).toContain('"s":-9223372036854775808,"x":18446744073709551615')
  expect(text).toContain('"wrapped":9007199254740993,"wait":"1.500000000s"')
  expect(JSON.parse(text)).toMatchObject({
    d: 0,
    f: 0.1,
    ok: false,
    name: '',
    raw: 'AP8=',
    packed: [1, -2],
    words: ['a'],
    kind: 'BIG',
    next: { maybe: 0, name: '' },
    by_id: { 7: { name: 'x' } },
  })
  expect(JSON.parse(text)).not.toHaveProperty('maybe')
})

test('fields that the schema does not know are passed over, a required one that is missing is told', () => {
  const two = open('syntax = "proto2"; message M { required int32 a = 1; optional int32 b = 2; }')
  expect(decode(Buffer.of(8, 1, 0x98, 6, 3), two)).toBe('{"a":1}')
  expect(() => decode(Buffer.of(16, 1), two)).toThrow(/required is missing \(M.a\)/)
})

test('a field in another form, a text that is none and a payload that is cut are told with the place', () => {
  const small = open('syntax = "proto3"; message M { int32 a = 1; string b = 2; N n = 3; } message N { double c = 1; }')
  expect(() => decode(Buffer.of(10, 1, 65), small)).toThrow(/another form than its schema says \(in M.a\)/)
  expect(() => decode(Buffer.of(18, 1, 0xff), small)).toThrow(/no UTF-8 \(in M.b\)/)
  expect(() => decode(Buffer.of(18, 9, 65), small)).toThrow(/ends too early \(in M.b/)
  expect(() => decode(Buffer.of(26, 2, 9, 1), small)).toThrow(/ends too early/)
  expect(() => openProtobufBody(small, Buffer.of(2, 8))).toThrow(/no message where the payload points/)
  expect(() => openProtobufBody(small, Buffer.of())).toThrow(Undecodable)
})

test('a message is found by its name in another version, and an import that is missing is told', () => {
  expect(findMessage(schema, 'p.All')?.name).toBe('All')
  expect(findMessage(schema, 'p.None')).toBeNull()
  expect(() => open('syntax = "proto3"; import "gone.proto"; message M { gone.X x = 1; }')).toThrow(
    /cannot be understood/,
  )
})

test('whatever the bytes are, they are decoded to JSON or refused as undecodable', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        JSON.parse(decode(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(Undecodable)
      }
    }),
    { numRuns: 2_000 },
  )
})
