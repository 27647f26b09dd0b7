import { ByteWriter } from '#otlp/byte-writer.ts'

/** One that a giant request has blown up is not kept. */
const MOST_GROWN = 4

/**
 * Buffers of one size that are used again and again: freeing and zeroing fresh memory for every request costs more than
 * filling it.
 */
export class SpareWriters {
  readonly #capacity: number
  readonly #most: number
  readonly #spares: ByteWriter[] = []

  /** At most `most` buffers of `capacity` bytes wait for the next use. */
  constructor(capacity: number, most: number) {
    this.#capacity = capacity
    this.#most = most
  }

  take(): ByteWriter {
    return this.#spares.pop() ?? new ByteWriter(this.#capacity)
  }

  /** Nothing that was taken from the writer may be used afterwards. */
  giveBack(writer: ByteWriter): void {
    writer.length = 0
    if (this.#spares.length < this.#most && writer.bytes.length <= MOST_GROWN * this.#capacity)
      this.#spares.push(writer)
  }
}
