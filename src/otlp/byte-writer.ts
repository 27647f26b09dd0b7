/** Bytes that go into a JSON text as they are: ASCII without controls, quote and backslash. */
const JSON_PLAIN = new Uint8Array(256)
for (let byte = 0x20; byte < 0x80; byte += 1) JSON_PLAIN[byte] = byte === 0x22 || byte === 0x5c ? 0 : 1

/** A buffer that grows. Written to without allocating in the common case; `length` may be set back to undo. */
export class ByteWriter {
  bytes: Buffer
  length = 0

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  ensure(extra: number): void {
    const needed = this.length + extra
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    this.ensure(1)
    this.bytes[this.length] = value
    this.length += 1
  }

  raw(source: Uint8Array, start: number, end: number): void {
    const size = end - start
    this.ensure(size)
    if (size < 24) {
      for (let index = 0; index < size; index += 1) this.bytes[this.length + index] = source[start + index] ?? 0
    } else {
      this.bytes.set(source.subarray(start, end), this.length)
    }
    this.length += size
  }

  ascii(text: string): void {
    this.ensure(text.length)
    this.length += this.bytes.write(text, this.length, 'latin1')
  }

  int16(value: number): void {
    this.ensure(2)
    const { bytes, length } = this
    bytes[length] = value >>> 8
    bytes[length + 1] = value
    this.length = length + 2
  }

  int32(value: number): void {
    this.ensure(4)
    const { bytes, length } = this
    bytes[length] = value >>> 24
    bytes[length + 1] = value >>> 16
    bytes[length + 2] = value >>> 8
    bytes[length + 3] = value
    this.length = length + 4
  }

  /** A whole number within the safe range of a double. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.int32(high)
    this.int32(value - high * 0x1_0000_0000)
  }

  /** A JSON string from UTF-8 bytes. NUL and bytes that are not UTF-8 become U+FFFD: Postgres refuses both. */
  jsonString(source: Buffer, start: number, end: number): void {
    this.ensure(end - start + 2)
    const out = this.bytes
    let at = this.length
    out[at++] = 0x22
    for (let index = start; index < end; index += 1) {
      const byte = source[index] ?? 0
      if (JSON_PLAIN[byte] === 0) return this.jsonText(source.toString('utf8', start, end))
      out[at++] = byte
    }
    out[at++] = 0x22
    this.length = at
  }

  jsonText(text: string): void {
    this.utf8(JSON.stringify(storable(text)))
  }

  utf8(text: string): void {
    const size = text.length
    this.ensure(size * 3)
    // Short ASCII, which is nearly everything, costs less here than a call into the runtime.
    if (size < 48) {
      const { bytes, length } = this
      let index = 0
      for (; index < size; index += 1) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) break
        bytes[length + index] = code
      }
      if (index === size) {
        this.length = length + size
        return
      }
    }
    this.length += this.bytes.write(text, this.length, 'utf8')
  }
}

/** Text that Postgres takes: well-formed and without NUL. */
export function storable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed()
  return formed.includes('\0') ? formed.replaceAll('\0', '\ufffd') : formed
}
