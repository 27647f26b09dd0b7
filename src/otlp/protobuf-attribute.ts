import { isFewValued } from '#domain/trace/attribute-slots.ts'
import { storable } from '#otlp/byte-writer.ts'
import { keyPool, type KnownKey } from '#otlp/known-key.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import type { ProtobufReader } from '#otlp/protobuf-reader.ts'
import { cutAt, readEntry, readText, writeValue } from '#otlp/protobuf-value.ts'
import type { SpanDraft } from '#otlp/span-draft.ts'
import { StringPool } from '#otlp/string-pool.ts'

/** Reads one KeyValue of a span that ends at `end` into the draft. @throws Failure `invalid` when it is broken. */
export function readAttribute(reader: ProtobufReader, end: number, draft: SpanDraft): void {
  draft.attributeCount += 1
  if (draft.attributeCount > OTLP_LIMITS.maxAttributesPerSpan) {
    draft.droppedAttributeCount += 1
    reader.at = end
    return
  }
  if (readUsual(reader, end, draft)) return
  const { key, value } = readEntry(reader, end)
  const { at: valueAt, end: valueEnd } = value
  reader.at = valueAt
  addValue(reader, valueEnd, key, draft)
  if (key.slot >= 0 && valueEnd > 0) {
    reader.at = valueAt
    const text = readText(reader, valueEnd)
    if (text !== null) draft.setSlot(key.slot, text)
  }
  reader.at = end
}

function addValue(reader: ProtobufReader, end: number, key: KnownKey, draft: SpanDraft): void {
  const begin = reader.at
  if (end === 0) {
    draft.attributes.addJson(key, (out) => out.ascii('null'))
    return
  }
  if (reader.bytes[begin] === 0x0a) {
    reader.at += 1
    if (reader.part(end) === end) {
      const cut = cutAt(reader.bytes, reader.at, end, OTLP_LIMITS.maxValueBytes)
      if (cut < end) draft.truncatedValueCount += 1
      draft.attributes.addBytes(key, reader.bytes, reader.at, cut)
      return
    }
    reader.at = begin
  }
  draft.attributes.addJson(key, (out) => writeValue(reader, end, out, 0, draft))
}

/**
 * The way in which every library writes nearly every attribute: key, then a value that is a text or a whole number, all
 * of them shorter than 128 bytes. False, with nothing read, when it is anything else.
 */
function readUsual(reader: ProtobufReader, end: number, draft: SpanDraft): boolean {
  const { bytes, at } = reader
  const keySize = bytes[at + 1] ?? 0
  const keyAt = at + 2
  const keyEnd = keyAt + keySize
  const valueAt = keyEnd + 2
  if (bytes[at] !== 0x0a || keySize > 127 || valueAt + 2 > end) return false
  if (bytes[keyEnd] !== 0x12 || valueAt + (bytes[keyEnd + 1] ?? 0) !== end || end - valueAt > 127) return false
  const kind = bytes[valueAt]
  if (kind === 0x0a) {
    const textAt = valueAt + 2
    if (textAt + (bytes[valueAt + 1] ?? 0) !== end) return false
    const key = takeKey(draft, bytes, keyAt, keyEnd)
    draft.attributes.addBytes(key, bytes, textAt, end)
    if (key.slot >= 0) draft.setSlot(key.slot, takeText(key.slot, bytes, textAt, end))
  } else if (kind === 0x18) {
    reader.at = valueAt + 1
    const value = reader.varint64(end)
    if (reader.at !== end) {
      reader.at = at
      return false
    }
    const key = takeKey(draft, bytes, keyAt, keyEnd)
    draft.attributes.addInteger(key, value)
    if (key.slot >= 0) draft.setSlot(key.slot, String(value))
  } else return false
  reader.at = end
  return true
}

/** Texts of keys that have few values are decoded once. */
const fewTexts = new StringPool<string>(4_096, storable)

const takeText = (slot: number, bytes: Buffer, start: number, end: number): string =>
  isFewValued(slot) ? fewTexts.take(bytes, start, end) : bytes.toString('utf8', start, end)

/** The key that follows on the last one in most spans is tried first. */
function takeKey(draft: SpanDraft, bytes: Buffer, start: number, end: number): KnownKey {
  const likely = draft.attributes.keySet.likelyNext
  if (likely !== null && isSame(likely.bytes, bytes, start, end)) return likely
  return keyPool.take(bytes, start, end)
}

function isSame(left: Buffer, right: Buffer, start: number, end: number): boolean {
  const size = left.length
  if (size !== end - start) return false
  // Keys differ at their ends rather than at their beginnings.
  for (let index = size - 1; index >= 0; index -= 1) if (left[index] !== right[start + index]) return false
  return true
}
