import type { DecodeReport, SpanSink } from '#otlp/span-sink.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'

/** Walks an export request in either form. @throws Failure `invalid` when the body is not one. */
export const walkTraces = (body: Buffer, isJson: boolean, sink: SpanSink): DecodeReport =>
  isJson ? walkJsonTraces(body, sink) : walkProtobufTraces(body, sink)
