import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

const MAX_VARINT_BYTES = 10
/** Four bytes of seven bits are a number that shifts do not overflow. */
const SHORT_BITS = 28
const INT_LIMIT = 2_147_483_647n

/** Reads Avro's binary encoding and never past its end. Numbers are zigzag varints. */
export class AvroReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get leftBytes(): number {
    return this.#bytes.byteLength - this.#at
  }

  readLong(): bigint {
    return BigInt(this.#readShort() ?? this.#readWide())
  }

  /** The same as its digits; most are short, and need no bigint. */
  readLongText(): string {
    return String(this.#readShort() ?? this.#readWide())
  }

  readInt(): number {
    const start = this.#at
    const short = this.#readShort()
    if (short !== null) return short
    const value = this.#readWide()
    if (value > INT_LIMIT || value < -INT_LIMIT - 1n) {
      throw new Undecodable('an int in it is longer than 32 bits', `at byte ${start}`)
    }
    return Number(value)
  }

  /** A number of items; beyond 2^53 it is not exact, and refused by whoever counts. */
  readCount(): number {
    return this.#readShort() ?? Number(this.#readWide())
  }

  /** The length of a string or bytes, which lies before them. */
  readLength(): number {
    const start = this.#at
    const length = this.readCount()
    if (length < 0) throw new Undecodable('a length in it is negative', `at byte ${start}`)
    return length
  }

  /** @throws Undecodable when fewer are left */
  take(length: number): Uint8Array {
    if (length > this.leftBytes) throw this.#ended(length)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #ended(wanted: number): Undecodable {
    return new Undecodable('it ends too early', `${wanted} bytes wanted at byte ${this.#at}, ${this.leftBytes} left`)
  }

  #nextByte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw this.#ended(1)
    this.#at += 1
    return byte
  }

  /** null when it is longer; then nothing was read. */
  #readShort(): number | null {
    const start = this.#at
    let value = 0
    for (let shift = 0; shift < SHORT_BITS; shift += 7) {
      const byte = this.#nextByte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    this.#at = start
    return null
  }

  #readWide(): bigint {
    const start = this.#at
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#nextByte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
      if (this.#at - start >= MAX_VARINT_BYTES) throw new Undecodable('a number in it is too long', `at byte ${start}`)
    }
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }
}
