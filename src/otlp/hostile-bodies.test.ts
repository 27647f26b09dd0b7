import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Failure } from '#domain/failure.ts'
import type { SpanSink } from '#otlp/span-sink.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'

const CAPTURES = join(import.meta.dirname, '../../fixtures/otlp')

function captures(ending: string): readonly Buffer[] {
  return readdirSync(CAPTURES).flatMap((scenario) =>
    readdirSync(join(CAPTURES, scenario))
      .filter((file) => file.endsWith(ending))
      .map((file) => gunzipSync(readFileSync(join(CAPTURES, scenario, file))))
      .map((body) => (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body)),
  )
}

/** mulberry32: the same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function mutate(original: Buffer, random: () => number): Buffer {
  const body = Buffer.from(original)
  const place = () => Math.floor(random() * body.length)
  switch (Math.floor(random() * 5)) {
    case 0:
      return body.subarray(0, place())
    case 1:
      for (let count = 1 + Math.floor(random() * 8); count > 0; count -= 1)
        body[place()]! ^= 1 << Math.floor(random() * 8)
      return body
    case 2: {
      const start = place()
      return Buffer.concat([body.subarray(0, start), body.subarray(start + Math.floor(random() * 64))])
    }
    case 3:
      body.fill(0xff, place(), Math.min(body.length, place() + 10))
      return body
    default: {
      const start = place()
      return Buffer.concat([body.subarray(0, start), body.subarray(place()), body.subarray(start)])
    }
  }
}

/** Checks that whatever is handed over could be stored: JSON that parses, no NUL. */
const strictSink: SpanSink = {
  beginOrigin: (origin) => {
    JSON.parse(origin.resource)
    expect(origin.service).not.toContain('\0')
  },
  acceptSpan: (draft) => {
    const written = [draft.events, draft.linkAttributes]
      .filter(({ length }) => length > 0)
      .map((writer) => writer.written().toString('utf8'))
    for (const json of [draft.attributes.toJson(), ...written]) {
      JSON.parse(json, (_key, value: unknown) => {
        if (typeof value === 'string' && value.includes('\0')) throw new Error('NUL in JSON')
        return value
      })
    }
    if (draft.name.includes('\0') || draft.slots.some((value) => value?.includes('\0'))) throw new Error('NUL')
  },
}

describe('of 10,000 mutated captures', () => {
  test('each is decoded or refused as invalid, none does anything else', () => {
    const random = seeded(20_261_121)
    const protobuf = captures('.pb.gz')
    const json = captures('.json.gz')
    let refused = 0
    for (let round = 0; round < 10_000; round += 1) {
      const isJson = round % 5 === 0
      const bodies = isJson ? json : protobuf
      const body = mutate(bodies[round % bodies.length]!, random)
      try {
        if (isJson) walkJsonTraces(body, strictSink)
        else walkProtobufTraces(body, strictSink)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        expect(error.code).toBe('invalid')
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(2_000)
  }, 120_000)
})

/** An attribute whose value is a list in a list in a list ... */
function nestedValue(depth: number): Buffer {
  let value: Buffer = Buffer.from([0x10, 0x01])
  for (let level = 0; level < depth; level += 1) value = part(0x2a, part(0x0a, value))
  return value
}

function part(tag: number, content: Buffer): Buffer {
  const length: number[] = []
  let rest = content.length
  while (rest > 127) {
    length.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  length.push(rest)
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const spanWith = (fields: Buffer): Buffer => part(0x0a, part(0x12, part(0x12, fields)))
const IDS = Buffer.concat([part(0x0a, Buffer.alloc(16, 1)), part(0x12, Buffer.alloc(8, 1))])

const ignore: SpanSink = { beginOrigin: () => undefined, acceptSpan: () => undefined }

test.each([33, 5_000])('a value nested %d deep is refused', (depth) => {
  const attribute = part(0x4a, Buffer.concat([part(0x0a, Buffer.from('k')), part(0x12, nestedValue(depth))]))
  expect(() => walkProtobufTraces(spanWith(Buffer.concat([IDS, attribute])), ignore)).toThrow(
    'nested more than 32 deep',
  )
})

test('a JSON value nested 5,000 deep is refused', () => {
  const value = `${'{"arrayValue":{"values":['.repeat(5_000)}{"boolValue":true}${']}}'.repeat(5_000)}`
  const span = `{"traceId":"${'1'.repeat(32)}","spanId":"${'1'.repeat(16)}","attributes":[{"key":"k","value":${value}}]}`
  const body = Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`)
  expect(() => walkJsonTraces(body, ignore)).toThrow('nested more than 32 deep')
})

test('spans without valid ids are rejected one by one, and said', () => {
  const zeros = Buffer.concat([part(0x0a, Buffer.alloc(16)), part(0x12, Buffer.alloc(8, 1))])
  const spans = part(0x0a, part(0x12, Buffer.concat([part(0x12, zeros), part(0x12, IDS)])))
  expect(walkProtobufTraces(spans, ignore)).toEqual({
    acceptedSpanCount: 1,
    rejectedSpanCount: 1,
    warnings: ['1 spans without a valid trace id'],
  })
})

test('spans over the limit of a request are rejected, the others taken', () => {
  const spans = part(0x0a, part(0x12, Buffer.concat(Array.from({ length: 10_003 }, () => part(0x12, IDS)))))
  const report = walkProtobufTraces(spans, ignore)
  expect([report.acceptedSpanCount, report.rejectedSpanCount]).toEqual([10_000, 3])
})

test('attributes beyond 128 and values beyond 64 KiB are cut and counted', () => {
  const attribute = (index: number, size: number) =>
    part(0x4a, Buffer.concat([part(0x0a, Buffer.from(`k${index}`)), part(0x12, part(0x0a, Buffer.alloc(size, 0x61)))]))
  const fields = Buffer.concat([
    IDS,
    attribute(0, 70_000),
    ...Array.from({ length: 139 }, (_, index) => attribute(index + 1, 3)),
  ])
  let stored: Record<string, string> = {}
  let dropped = 0
  const report = walkProtobufTraces(spanWith(fields), {
    beginOrigin: () => undefined,
    acceptSpan: (draft) => {
      stored = JSON.parse(draft.attributes.toJson())
      dropped = draft.droppedAttributeCount
    },
  })
  expect([Object.keys(stored).length, stored['k0']!.length, dropped]).toEqual([128, 65_536, 12])
  expect(report.warnings).toHaveLength(2)
})

test('times are exact to the microsecond, also where a double would round', () => {
  const nanoseconds = 1_795_244_320_668_999_999n
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE(nanoseconds)
  const fields = Buffer.concat([IDS, Buffer.from([0x39]), time, Buffer.from([0x41]), time])
  let startUs = 0
  walkProtobufTraces(spanWith(fields), {
    beginOrigin: () => undefined,
    acceptSpan: (draft) => void (startUs = draft.startUs),
  })
  expect(BigInt(startUs)).toBe(nanoseconds / 1_000n)
})
