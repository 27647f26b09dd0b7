import type { ByteWriter } from '#otlp/byte-writer.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import { type ProtobufReader, refuseBody } from '#otlp/protobuf-reader.ts'
import { keyPool, type KnownKey } from '#otlp/known-key.ts'

/** Where the bytes of a text may be cut so that no character is broken. */
export function cutAt(source: Uint8Array, start: number, end: number, maxBytes: number): number {
  if (end - start <= maxBytes) return end
  let cut = start + maxBytes
  while (cut > start && ((source[cut] ?? 0) & 0xc0) === 0x80) cut -= 1
  return cut
}

/** What was met in a value that the caller has to count. */
export interface ValueNotes {
  truncatedValueCount: number
}

/** Writes one AnyValue (from the cursor to `end`) as JSON. @throws Failure `invalid` when nested too deeply or broken. */
export function writeValue(
  reader: ProtobufReader,
  end: number,
  out: ByteWriter,
  depth: number,
  notes: ValueNotes,
): void {
  const begin = out.length
  while (reader.at < end) {
    const tag = reader.tag(end)
    out.length = begin
    switch (tag) {
      case 0x0a: {
        const partEnd = reader.part(end)
        const cut = cutAt(reader.bytes, reader.at, partEnd, OTLP_LIMITS.maxValueBytes)
        if (cut < partEnd) notes.truncatedValueCount += 1
        out.jsonString(reader.bytes, reader.at, cut)
        reader.at = partEnd
        break
      }
      case 0x10:
        out.ascii(reader.varint64(end) ? 'true' : 'false')
        break
      case 0x18:
        writeInteger(reader.varint64(end), out)
        break
      case 0x21:
        writeDouble(reader.double(end), out)
        break
      case 0x2a:
        writeArray(reader, reader.part(end), out, depth + 1, notes)
        break
      case 0x32:
        writeMap(reader, reader.part(end), out, depth + 1, notes)
        break
      case 0x3a:
        writeBytes(reader, reader.part(end), out, notes)
        break
      default:
        reader.skip(tag & 7, end)
    }
  }
  if (out.length === begin) out.ascii('null')
}

/** Beyond the safe range as text: a JSON reader would round it. */
function writeInteger(value: number | bigint, out: ByteWriter): void {
  out.ascii(typeof value === 'number' ? String(value) : `"${value}"`)
}

function writeDouble(value: number, out: ByteWriter): void {
  out.ascii(Number.isFinite(value) ? String(value) : `"${value}"`)
}

function writeBytes(reader: ProtobufReader, end: number, out: ByteWriter, notes: ValueNotes): void {
  const cut = Math.min(end, reader.at + OTLP_LIMITS.maxValueBytes)
  if (cut < end) notes.truncatedValueCount += 1
  out.ascii(`"${reader.bytes.toString('base64', reader.at, cut)}"`)
  reader.at = end
}

function writeArray(reader: ProtobufReader, end: number, out: ByteWriter, depth: number, notes: ValueNotes): void {
  if (depth > OTLP_LIMITS.maxValueDepth) refuseBody(`a value nested more than ${OTLP_LIMITS.maxValueDepth} deep`)
  const begin = out.length
  out.byte(0x5b)
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag !== 0x0a) {
      reader.skip(tag & 7, end)
      continue
    }
    if (out.length > begin + 1) out.byte(0x2c)
    writeValue(reader, reader.part(end), out, depth, notes)
  }
  out.byte(0x5d)
  cutWhole(out, begin, notes)
}

function writeMap(reader: ProtobufReader, end: number, out: ByteWriter, depth: number, notes: ValueNotes): void {
  if (depth > OTLP_LIMITS.maxValueDepth) refuseBody(`a value nested more than ${OTLP_LIMITS.maxValueDepth} deep`)
  const begin = out.length
  out.byte(0x7b)
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag !== 0x0a) reader.skip(tag & 7, end)
    else writeEntry(reader, reader.part(end), out, out.length === begin + 1, depth, notes)
  }
  out.byte(0x7d)
  cutWhole(out, begin, notes)
}

/** A list or map that is too big as a whole is replaced by a word about its size: half of it would not be JSON. */
export function cutWhole(out: ByteWriter, begin: number, notes: ValueNotes): void {
  const size = out.length - begin
  if (size <= OTLP_LIMITS.maxValueBytes) return
  notes.truncatedValueCount += 1
  out.length = begin
  out.ascii(`"(${size} bytes, dropped)"`)
}

const NO_KEY: KnownKey = keyPool.take(Buffer.alloc(0), 0, 0)
const valueStart = { at: 0, end: 0 }

/**
 * Finds the key and the value of a KeyValue that ends at `end`; the cursor is then at `end`, the value (if any) within
 * the returned bounds, which the next call overwrites.
 */
export function readEntry(reader: ProtobufReader, end: number): { key: KnownKey; value: { at: number; end: number } } {
  entry.key = NO_KEY
  valueStart.at = 0
  valueStart.end = 0
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x0a) {
      const partEnd = reader.part(end)
      entry.key = keyPool.take(reader.bytes, reader.at, partEnd)
      reader.at = partEnd
    } else if (tag === 0x12) {
      valueStart.end = reader.part(end)
      valueStart.at = reader.at
      reader.at = valueStart.end
    } else {
      reader.skip(tag & 7, end)
    }
  }
  return entry
}
const entry = { key: NO_KEY, value: valueStart }

/** Writes `"key":value`, with a comma before it unless it is the first; gives the key. */
export function writeEntry(
  reader: ProtobufReader,
  end: number,
  out: ByteWriter,
  isFirst: boolean,
  depth: number,
  notes: ValueNotes,
): KnownKey {
  const { key, value } = readEntry(reader, end)
  const valueEnd = value.end
  if (!isFirst) out.byte(0x2c)
  out.raw(key.json, 0, key.json.length)
  reader.at = value.at
  if (valueEnd === 0) out.ascii('null')
  else writeValue(reader, valueEnd, out, depth, notes)
  reader.at = end
  return key
}

/**
 * A scalar AnyValue as text, for the keys that we know; of a list only when it holds one value (more than one tells
 * nothing about a single message). null for anything else. The cursor is moved.
 */
export function readText(reader: ProtobufReader, end: number, depth = 0): string | null {
  let text: string | null = null
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x0a) {
      const partEnd = reader.part(end)
      text = reader.bytes.toString('utf8', reader.at, cutAt(reader.bytes, reader.at, partEnd, OTLP_LIMITS.maxNameBytes))
      reader.at = partEnd
    } else if (tag === 0x10) text = reader.varint64(end) ? 'true' : 'false'
    else if (tag === 0x18) text = String(reader.varint64(end))
    else if (tag === 0x21) text = String(reader.double(end))
    else if (tag === 0x2a && depth === 0) text = readOnlyElement(reader, reader.part(end))
    else reader.skip(tag & 7, end)
  }
  return text
}

function readOnlyElement(reader: ProtobufReader, end: number): string | null {
  let text: string | null = null
  let count = 0
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag !== 0x0a) {
      reader.skip(tag & 7, end)
      continue
    }
    const partEnd = reader.part(end)
    count += 1
    if (count === 1) text = readText(reader, partEnd, 1)
    reader.at = partEnd
  }
  return count === 1 ? text : null
}
