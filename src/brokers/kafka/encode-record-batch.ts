import { crc32c } from '@platformatic/kafka'
import type { OutgoingMessage } from '#brokers/broker.ts'

/** Under which a broker recognises a batch that is sent again. */
export interface BatchStamp {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly firstSequence: number
}

const MAGIC = 2
const LENGTH_AT = 8
const MAGIC_AT = 16
const CRC_AT = 17
/** The checksum covers everything from here on. */
const ATTRIBUTES_AT = 21
const LAST_DELTA_AT = 23
const FIRST_TIME_AT = 27
const MAX_TIME_AT = 35
const PRODUCER_AT = 43
const EPOCH_AT = 51
const SEQUENCE_AT = 53
const COUNT_AT = 57
const RECORDS_AT = 61
/** Of a record, beside its texts: length, attributes, two deltas, lengths of key and value, count of headers. */
const RECORD_ROOM = 48
/** Of a header, beside its value; names are at most three bytes per character. */
const HEADER_ROOM = 10
/** Shorter texts are copied byte by byte: that costs less than a call into the runtime. */
const SHORT = 48

/**
 * A record batch (magic 2, uncompressed; KIP-98) in one piece. The client's own writer makes some forty small buffers of
 * every record, which costs three times as much.
 * @param nowMs the time of messages that have none
 */
export function encodeRecordBatch(messages: readonly OutgoingMessage[], stamp: BatchStamp, nowMs: number): Buffer {
  const out = Buffer.allocUnsafe(RECORDS_AT + messages.reduce((sum, message) => sum + roomFor(message), 0))
  const firstMs = Math.trunc(messages[0]?.timestampMs ?? nowMs)
  let maxMs = firstMs
  let at = RECORDS_AT
  for (const [index, message] of messages.entries()) {
    const timestampMs = Math.trunc(message.timestampMs ?? nowMs)
    if (timestampMs > maxMs) maxMs = timestampMs
    at = writeRecord(out, at, message, timestampMs - firstMs, index)
  }
  out.fill(0, 0, RECORDS_AT)
  out.writeInt32BE(at - LENGTH_AT - 4, LENGTH_AT)
  out.writeInt8(MAGIC, MAGIC_AT)
  out.writeInt32BE(messages.length - 1, LAST_DELTA_AT)
  out.writeBigInt64BE(BigInt(firstMs), FIRST_TIME_AT)
  out.writeBigInt64BE(BigInt(maxMs), MAX_TIME_AT)
  out.writeBigInt64BE(stamp.producerId, PRODUCER_AT)
  out.writeInt16BE(stamp.producerEpoch, EPOCH_AT)
  out.writeInt32BE(stamp.firstSequence, SEQUENCE_AT)
  out.writeInt32BE(messages.length, COUNT_AT)
  out.writeUInt32BE(crc32c(out.subarray(ATTRIBUTES_AT, at)), CRC_AT)
  return out.subarray(0, at)
}

function roomFor({ key, payload, headers }: OutgoingMessage): number {
  let room = RECORD_ROOM + (key?.length ?? 0) + (payload?.length ?? 0)
  for (const { name, value } of headers) room += HEADER_ROOM + name.length * 3 + (value?.length ?? 0)
  return room
}

/** The length of a record stands before it and is as long as it takes: room is left for the longest, and closed after. */
const LENGTH_ROOM = 5

function writeRecord(out: Buffer, start: number, message: OutgoingMessage, deltaMs: number, index: number): number {
  const begin = start + LENGTH_ROOM
  let at = begin
  out[at++] = 0
  at = writeVarint(out, at, deltaMs)
  at = writeVarint(out, at, index)
  at = writeBytes(out, at, message.key)
  at = writeBytes(out, at, message.payload)
  at = writeVarint(out, at, message.headers.length)
  for (const { name, value } of message.headers) at = writeBytes(out, writeName(out, at, name), value)
  const body = writeVarint(out, start, at - begin)
  out.copyWithin(body, begin, at)
  return body + at - begin
}

function writeBytes(out: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(out, start, -1)
  const { length } = bytes
  const at = writeVarint(out, start, length)
  if (length > SHORT) out.set(bytes, at)
  else for (let index = 0; index < length; index += 1) out[at + index] = bytes[index] ?? 0
  return at + length
}

function writeName(out: Buffer, start: number, name: string): number {
  for (let index = 0; index < name.length; index += 1) {
    if (name.charCodeAt(index) > 0x7f) return writeBytes(out, start, Buffer.from(name))
  }
  const at = writeVarint(out, start, name.length)
  for (let index = 0; index < name.length; index += 1) out[at + index] = name.charCodeAt(index)
  return at + name.length
}

/** Zigzag, seven bits a byte. By division, as differences of times take more than 32 bits. */
function writeVarint(out: Buffer, start: number, value: number): number {
  let left = value < 0 ? -2 * value - 1 : 2 * value
  let at = start
  while (left > 0x7f) {
    out[at++] = (left % 0x80) | 0x80
    left = Math.floor(left / 0x80)
  }
  out[at] = left
  return at + 1
}
