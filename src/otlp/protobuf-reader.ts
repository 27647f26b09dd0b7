import { Failure } from '#domain/failure.ts'

/** @throws always: Failure `invalid`; the edge answers it with 400 or INVALID_ARGUMENT. */
export function refuseBody(reason: string): never {
  throw new Failure('invalid', `not an OTLP request: ${reason}`)
}

/**
 * A cursor over protobuf bytes. Every length is checked against the end of the enclosing message, so that no body can
 * make it read outside of its own.
 */
export class ProtobufReader {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** Field number and wire type. */
  tag(end: number): number {
    const tag = this.varint32(end)
    if (tag >>> 3 === 0) refuseBody('a field without a number')
    return tag
  }

  /** A varint of which only the low 32 bits matter (tags, lengths, enums, counts). */
  varint32(end: number): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) refuseBody('it ends within a number')
      const byte = this.bytes[this.at] ?? 0
      this.at += 1
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    return refuseBody('a number of more than ten bytes')
  }

  /** A signed 64-bit varint, exactly: a number where a double holds it, else a bigint. */
  varint64(end: number): number | bigint {
    let low = 0
    let shift = 0
    for (; shift < 49; shift += 7) {
      if (this.at >= end) refuseBody('it ends within a number')
      const byte = this.bytes[this.at] ?? 0
      this.at += 1
      low += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return low
    }
    let value = BigInt(low)
    for (; shift < 70; shift += 7) {
      if (this.at >= end) refuseBody('it ends within a number')
      const byte = this.bytes[this.at] ?? 0
      this.at += 1
      value |= BigInt(byte & 0x7f) << BigInt(shift)
      if (byte < 0x80) {
        const signed = BigInt.asIntN(64, value)
        return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
      }
    }
    return refuseBody('a number of more than ten bytes')
  }

  /** Reads a length and gives the end of the part that follows. */
  part(end: number): number {
    const size = this.varint32(end)
    const partEnd = this.at + size
    if (partEnd > end) refuseBody('a part is longer than what encloses it')
    return partEnd
  }

  /** Unix nanoseconds (fixed64) as whole microseconds, computed in two words because a double cannot hold them. */
  fixed64Us(end: number): number {
    if (this.at + 8 > end) refuseBody('it ends within a time')
    const low = this.bytes.readUInt32LE(this.at)
    const high = this.bytes.readUInt32LE(this.at + 4)
    this.at += 8
    return high * 4_294_967 + Math.floor((high * 296 + low) / 1_000)
  }

  double(end: number): number {
    if (this.at + 8 > end) refuseBody('it ends within a number')
    const value = this.bytes.readDoubleLE(this.at)
    this.at += 8
    return value
  }

  skip(wireType: number, end: number): void {
    if (wireType === 0) this.varint32(end)
    else if (wireType === 1) this.at += 8
    else if (wireType === 2) this.at = this.part(end)
    else if (wireType === 5) this.at += 4
    else refuseBody(`wire type ${wireType}`)
    if (this.at > end) refuseBody('it ends within a field')
  }
}
