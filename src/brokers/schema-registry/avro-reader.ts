import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** Reads Avro's binary encoding and never past its end. Numbers are zigzag varints. */
export interface AvroReader {
  readonly leftBytes: number
  readLong(): bigint
  /** The same as its digits; most are short, and need no bigint. */
  readLongText(): string
  readInt(): number
  /** A number of items; beyond 2^53 it is not exact, and refused by whoever counts. */
  readCount(): number
  /** The length of a string or bytes, which lies before them. */
  readLength(): number
  /** @throws Undecodable when fewer are left */
  take(length: number): Uint8Array
}

const MAX_VARINT_BYTES = 10
/** Four bytes of seven bits are a number that shifts do not overflow. */
const SHORT_BITS = 28
const INT_LIMIT = 2_147_483_647n

export function openAvroReader(bytes: Uint8Array): AvroReader {
  const { byteLength } = bytes
  let at = 0
  const ended = (wanted: number): Undecodable =>
    new Undecodable('it ends too early', `${wanted} bytes wanted at byte ${at}, ${byteLength - at} left`)
  const nextByte = (): number => {
    const byte = bytes[at]
    if (byte === undefined) throw ended(1)
    at += 1
    return byte
  }
  /** null when it is longer; then nothing was read. */
  const readShort = (): number | null => {
    const start = at
    let value = 0
    for (let shift = 0; shift < SHORT_BITS; shift += 7) {
      const byte = nextByte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    at = start
    return null
  }
  const readWide = (): bigint => {
    const start = at
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = nextByte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
      if (at - start >= MAX_VARINT_BYTES) throw new Undecodable('a number in it is too long', `at byte ${start}`)
    }
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }
  const readCount = (): number => readShort() ?? Number(readWide())
  return {
    get leftBytes() {
      return byteLength - at
    },
    readLong: () => BigInt(readShort() ?? readWide()),
    readLongText: () => String(readShort() ?? readWide()),
    readCount,
    readInt() {
      const start = at
      const short = readShort()
      if (short !== null) return short
      const value = readWide()
      if (value > INT_LIMIT || value < -INT_LIMIT - 1n) {
        throw new Undecodable('an int in it is longer than 32 bits', `at byte ${start}`)
      }
      return Number(value)
    },
    readLength() {
      const start = at
      const length = readCount()
      if (length < 0) throw new Undecodable('a length in it is negative', `at byte ${start}`)
      return length
    },
    take(length) {
      if (length > byteLength - at) throw ended(length)
      at += length
      return bytes.subarray(at - length, at)
    },
  }
}
