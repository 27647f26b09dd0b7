import { ByteWriter, storable } from '#otlp/byte-writer.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import type { ProtobufReader } from '#otlp/protobuf-reader.ts'
import { readAttribute } from '#otlp/protobuf-attribute.ts'
import { cutAt, readEntry, readText, writeEntry } from '#otlp/protobuf-value.ts'
import type { SpanDraft } from '#otlp/span-draft.ts'
import type { SpanIntake } from '#otlp/span-intake.ts'
import { StringPool } from '#otlp/string-pool.ts'

const namePool = new StringPool<string>(8_192, storable)
const scratch = new ByteWriter(4_096)

/** Reads one Span message that ends at `end` into the draft and hands it over. */
export function readSpan(reader: ProtobufReader, end: number, intake: SpanIntake): void {
  const draft = intake.beginSpan()
  while (reader.at < end) readField(reader, reader.tag(end), end, draft)
  intake.endSpan()
}

function readField(reader: ProtobufReader, tag: number, end: number, draft: SpanDraft): void {
  switch (tag) {
    case 0x0a:
      draft.hasTraceId = readId(reader, reader.part(end), draft, 0, 16)
      return
    case 0x12:
      draft.hasSpanId = readId(reader, reader.part(end), draft, 16, 8)
      return
    case 0x22:
      draft.hasParent = readId(reader, reader.part(end), draft, 24, 8)
      return
    case 0x2a: {
      const partEnd = reader.part(end)
      draft.name = namePool.take(
        reader.bytes,
        reader.at,
        cutAt(reader.bytes, reader.at, partEnd, OTLP_LIMITS.maxNameBytes),
      )
      reader.at = partEnd
      return
    }
    case 0x30:
      draft.kind = reader.varint32(end)
      return
    case 0x39:
      draft.startUs = reader.fixed64Us(end)
      return
    case 0x41:
      draft.endUs = reader.fixed64Us(end)
      return
    case 0x4a:
      readAttribute(reader, reader.part(end), draft)
      return
    case 0x50:
      draft.droppedAttributeCount += reader.varint32(end)
      return
    case 0x5a:
      readEvent(reader, reader.part(end), draft)
      return
    case 0x60:
      draft.droppedEventCount += reader.varint32(end)
      return
    case 0x6a:
      readLink(reader, reader.part(end), draft)
      return
    case 0x70:
      draft.droppedLinkCount += reader.varint32(end)
      return
    case 0x7a:
      readStatus(reader, reader.part(end), draft)
      return
    default:
      reader.skip(tag & 7, end)
  }
}

/** Copies an id of `size` bytes to its place; false for a wrong length and for zeros, which mean "none". */
function readId(reader: ProtobufReader, end: number, draft: SpanDraft, to: number, size: number): boolean {
  let bits = 0
  if (end - reader.at === size) {
    for (let index = 0; index < size; index += 1) {
      const byte = reader.bytes[reader.at + index] ?? 0
      draft.ids[to + index] = byte
      bits |= byte
    }
  }
  reader.at = end
  return bits !== 0
}

function readEvent(reader: ProtobufReader, end: number, draft: SpanDraft): void {
  draft.eventCount += 1
  if (draft.eventCount > OTLP_LIMITS.maxEventsPerSpan) {
    draft.droppedEventCount += 1
    reader.at = end
    return
  }
  scratch.length = 0
  let name = ''
  let atUs = 0
  let attributeCount = 0
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x09) atUs = reader.fixed64Us(end)
    else if (tag === 0x12) {
      const partEnd = reader.part(end)
      name = namePool.take(reader.bytes, reader.at, cutAt(reader.bytes, reader.at, partEnd, OTLP_LIMITS.maxNameBytes))
      reader.at = partEnd
    } else if (tag === 0x1a && attributeCount < OTLP_LIMITS.maxAttributesPerEvent) {
      attributeCount += 1
      readEventAttribute(reader, reader.part(end), draft, attributeCount === 1)
    } else reader.skip(tag & 7, end)
  }
  draft.events.byte(draft.events.length === 0 ? 0x5b : 0x2c)
  draft.events.utf8(`{"name":${JSON.stringify(name)},"atUs":${atUs},"attributes":{`)
  draft.events.raw(scratch.bytes, 0, scratch.length)
  draft.events.ascii('}}')
}

function readEventAttribute(reader: ProtobufReader, end: number, draft: SpanDraft, isFirst: boolean): void {
  const begin = reader.at
  const { key, value } = readEntry(reader, end)
  if (key.text === 'exception.type' || key.text === 'exception.message') {
    reader.at = value.at
    const text = value.end === 0 ? null : readText(reader, value.end)
    if (key.text === 'exception.type') draft.exceptionType = text
    else draft.exceptionMessage = text
  }
  reader.at = begin
  writeEntry(reader, end, scratch, isFirst, 0, draft)
}

function readLink(reader: ProtobufReader, end: number, draft: SpanDraft): void {
  if (draft.linkCount >= OTLP_LIMITS.maxLinksPerSpan) {
    draft.droppedLinkCount += 1
    reader.at = end
    return
  }
  scratch.length = 0
  let traceAt = 0
  let spanAt = 0
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x0a || tag === 0x12) {
      const partEnd = reader.part(end)
      if (tag === 0x0a && partEnd - reader.at === 16) traceAt = reader.at
      if (tag === 0x12 && partEnd - reader.at === 8) spanAt = reader.at
      reader.at = partEnd
    } else if (tag === 0x22) {
      const partEnd = reader.part(end)
      scratch.byte(scratch.length === 0 ? 0x7b : 0x2c)
      writeEntry(reader, partEnd, scratch, true, 0, draft)
    } else reader.skip(tag & 7, end)
  }
  if (traceAt === 0 || spanAt === 0) {
    draft.droppedLinkCount += 1
    return
  }
  draft.links.raw(reader.bytes, traceAt, traceAt + 16)
  draft.links.raw(reader.bytes, spanAt, spanAt + 8)
  draft.linkCount += 1
  if (scratch.length > 0) {
    scratch.byte(0x7d)
    draft.addLinkAttributes(scratch.written())
  }
}

function readStatus(reader: ProtobufReader, end: number, draft: SpanDraft): void {
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x12) {
      const partEnd = reader.part(end)
      const cut = cutAt(reader.bytes, reader.at, partEnd, OTLP_LIMITS.maxStatusMessageBytes)
      draft.statusMessage = cut === reader.at ? null : storable(reader.bytes.toString('utf8', reader.at, cut))
      reader.at = partEnd
    } else if (tag === 0x18) draft.status = reader.varint32(end)
    else reader.skip(tag & 7, end)
  }
}
