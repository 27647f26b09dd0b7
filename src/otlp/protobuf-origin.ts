import { hash } from 'node:crypto'
import { ByteWriter } from '#otlp/byte-writer.ts'
import { makeOrigin } from '#otlp/make-origin.ts'
import { ProtobufReader } from '#otlp/protobuf-reader.ts'
import { readEntry, readText, writeEntry } from '#otlp/protobuf-value.ts'
import type { SpanOrigin } from '#otlp/span-sink.ts'

const CACHE_CAPACITY = 4_096
let cache = new Map<string, SpanOrigin>()

/** The origin of a Resource and an InstrumentationScope message; the same bytes give the same object. */
export function readOrigin(resource: Buffer, scope: Buffer): SpanOrigin {
  const key = `${hash('md5', resource, 'base64')}${hash('md5', scope, 'base64')}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const origin = decodeOrigin(resource, scope)
  if (cache.size >= CACHE_CAPACITY) cache = new Map()
  cache.set(key, origin)
  return origin
}

function decodeOrigin(resource: Buffer, scope: Buffer): SpanOrigin {
  const reader = new ProtobufReader(resource)
  const json = new ByteWriter(resource.length * 2 + 64)
  const texts = new Map<string, string>()
  json.byte(0x7b)
  while (reader.at < resource.length) {
    const tag = reader.tag(resource.length)
    if (tag !== 0x0a) {
      reader.skip(tag & 7, resource.length)
      continue
    }
    const end = reader.part(resource.length)
    const begin = reader.at
    const { key, value } = readEntry(reader, end)
    if (key.text === 'service.name' || key.text === 'service.version') {
      reader.at = value.at
      const text = value.end === 0 ? null : readText(reader, value.end)
      if (text !== null) texts.set(key.text, text)
    }
    reader.at = begin
    writeEntry(reader, end, json, json.length === 1, 0, { truncatedValueCount: 0 })
  }
  json.byte(0x7d)
  return makeOrigin({
    service: texts.get('service.name') ?? null,
    serviceVersion: texts.get('service.version') ?? null,
    scope: scopeName(scope),
    resource: json.written().toString('utf8'),
  })
}

function scopeName(scope: Buffer): string | null {
  const reader = new ProtobufReader(scope)
  let name: string | null = null
  while (reader.at < scope.length) {
    const tag = reader.tag(scope.length)
    if (tag !== 0x0a) {
      reader.skip(tag & 7, scope.length)
      continue
    }
    const end = reader.part(scope.length)
    name = scope.toString('utf8', reader.at, end)
    reader.at = end
  }
  return name
}
