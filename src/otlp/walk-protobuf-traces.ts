import { readOrigin } from '#otlp/protobuf-origin.ts'
import { ProtobufReader } from '#otlp/protobuf-reader.ts'
import { readSpan } from '#otlp/protobuf-span.ts'
import { SpanIntake } from '#otlp/span-intake.ts'
import type { DecodeReport, SpanSink } from '#otlp/span-sink.ts'

/**
 * Walks an ExportTraceServiceRequest once and pushes its spans into the sink.
 * @throws Failure `invalid` when the body is not one; what was pushed before must then be forgotten.
 */
export function walkProtobufTraces(body: Buffer, sink: SpanSink): DecodeReport {
  const reader = new ProtobufReader(body)
  const intake = new SpanIntake(sink)
  while (reader.at < body.length) {
    const tag = reader.tag(body.length)
    if (tag === 0x0a) walkResourceSpans(reader, reader.part(body.length), intake)
    else reader.skip(tag & 7, body.length)
  }
  return intake.report()
}

/** Fields may come in any order, and spans need their resource: it is found first, then the rest is walked. */
function walkResourceSpans(reader: ProtobufReader, end: number, intake: SpanIntake): void {
  const begin = reader.at
  const resource = findPart(reader, end, 0x0a)
  reader.at = begin
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x12) walkScopeSpans(reader, reader.part(end), resource, intake)
    else reader.skip(tag & 7, end)
  }
}

function walkScopeSpans(reader: ProtobufReader, end: number, resource: Buffer, intake: SpanIntake): void {
  const begin = reader.at
  const scope = findPart(reader, end, 0x0a)
  reader.at = begin
  intake.sink.beginOrigin(readOrigin(resource, scope))
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === 0x12) readSpan(reader, reader.part(end), intake)
    else reader.skip(tag & 7, end)
  }
}

const NOTHING: Buffer = Buffer.alloc(0)

/** The last part with this tag; empty when there is none. */
function findPart(reader: ProtobufReader, end: number, wanted: number): Buffer {
  let found: Buffer = NOTHING
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === wanted) {
      const partEnd = reader.part(end)
      found = reader.bytes.subarray(reader.at, partEnd)
      reader.at = partEnd
    } else {
      reader.skip(tag & 7, end)
    }
  }
  return found
}
