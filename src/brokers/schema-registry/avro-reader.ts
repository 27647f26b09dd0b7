import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** Reads Avro's binary encoding and never past its end. */
export interface AvroReader {
  readonly leftBytes: number
  readLong(): bigint
  readInt(): number
  /** @throws Undecodable when fewer are left */
  take(length: number): Uint8Array
  /** The length of a string or bytes, which lies before them. */
  readLength(): number
}

const MAX_VARINT_BYTES = 10
const INT_LIMIT = 2_147_483_647n

export function openAvroReader(bytes: Uint8Array): AvroReader {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (length > bytes.byteLength - at) {
      throw new Undecodable('it ends too early', `${length} bytes wanted at byte ${at}, ${bytes.byteLength - at} left`)
    }
    at += length
    return bytes.subarray(at - length, at)
  }
  const readLong = (): bigint => {
    const start = at
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(1)[0] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
      if (at - start >= MAX_VARINT_BYTES) throw new Undecodable('a number in it is too long', `at byte ${start}`)
    }
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }
  return {
    get leftBytes() {
      return bytes.byteLength - at
    },
    take,
    readLong,
    readInt() {
      const start = at
      const value = readLong()
      if (value > INT_LIMIT || value < -INT_LIMIT - 1n) {
        throw new Undecodable('an int in it is longer than 32 bits', `at byte ${start}`)
      }
      return Number(value)
    },
    readLength() {
      const start = at
      const length = readLong()
      if (length < 0n) throw new Undecodable('a length in it is negative', `at byte ${start}`)
      // Beyond what is left it is refused by `take`, whatever it is.
      return Number(length)
    },
  }
}
