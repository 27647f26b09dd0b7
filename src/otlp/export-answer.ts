import { ByteWriter } from '#otlp/byte-writer.ts'

/** Numbers of google.rpc.Code, as OTLP answers use them. */
export const RPC_CODE = {
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const

export interface PartialSuccess {
  readonly rejectedSpanCount: number
  /** '' = nothing to say; with no rejections it is a warning. */
  readonly message: string
}

const hasContent = (partial: PartialSuccess): boolean => partial.rejectedSpanCount > 0 || partial.message !== ''

/** An ExportTraceServiceResponse; empty when everything was taken. */
export function encodeAnswer(partial: PartialSuccess): Buffer {
  if (!hasContent(partial)) return Buffer.alloc(0)
  const inner = new ByteWriter(64 + partial.message.length * 3)
  if (partial.rejectedSpanCount > 0) putVarintField(inner, 1, partial.rejectedSpanCount)
  if (partial.message !== '') putPart(inner, 2, Buffer.from(partial.message))
  const outer = new ByteWriter(inner.length + 8)
  putPart(outer, 1, inner.written())
  return outer.written()
}

/** The JSON form of {@link encodeAnswer}. */
export function answerAsJson(partial: PartialSuccess): string {
  if (!hasContent(partial)) return '{}'
  return JSON.stringify({
    partialSuccess: { rejectedSpans: String(partial.rejectedSpanCount), errorMessage: partial.message },
  })
}

/** A google.rpc.Status; with `retryAfterSeconds` it carries a RetryInfo, which tells gRPC senders to come back. */
export function encodeStatus(code: number, message: string, retryAfterSeconds: number | null): Buffer {
  const status = new ByteWriter(256 + message.length * 3)
  putVarintField(status, 1, code)
  putPart(status, 2, Buffer.from(message))
  if (retryAfterSeconds !== null) putPart(status, 3, retryInfo(retryAfterSeconds))
  return status.written()
}

function retryInfo(seconds: number): Buffer {
  const duration = new ByteWriter(16)
  putVarintField(duration, 1, seconds)
  const info = new ByteWriter(32)
  putPart(info, 1, duration.written())
  const any = new ByteWriter(96)
  putPart(any, 1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo'))
  putPart(any, 2, info.written())
  return any.written()
}

function putVarint(out: ByteWriter, value: number): void {
  let rest = value
  while (rest > 127) {
    out.byte((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 128)
  }
  out.byte(rest)
}

function putVarintField(out: ByteWriter, field: number, value: number): void {
  out.byte(field << 3)
  putVarint(out, value)
}

function putPart(out: ByteWriter, field: number, bytes: Buffer): void {
  out.byte((field << 3) | 2)
  putVarint(out, bytes.length)
  out.raw(bytes, 0, bytes.length)
}
