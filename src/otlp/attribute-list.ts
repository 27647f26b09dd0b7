import { ByteWriter, storable } from '#otlp/byte-writer.ts'
import { emptyKeySet } from '#otlp/key-set.ts'
import type { KnownKey } from '#otlp/known-key.ts'

/** Stands between two values. A text in which it occurs is written as JSON, which escapes it. */
export const VALUE_SEPARATOR = '\u001f'
const SEPARATOR_BYTE = 0x1f

/** Bytes that go into a list as they are: ASCII without controls, of which tab and line ends are harmless. */
const PLAIN = new Uint8Array(256)
for (let byte = 0x20; byte < 0x80; byte += 1) PLAIN[byte] = 1
for (const byte of [0x09, 0x0a, 0x0d]) PLAIN[byte] = 1

/**
 * The attributes of one span: the values as one text, the keys as a {@link KeySet}. Texts stand as they are, everything
 * else as JSON.
 */
export class AttributeList {
  readonly values = new ByteWriter(16_384)
  keySet = emptyKeySet()

  reset(): void {
    this.values.length = 0
    this.keySet = emptyKeySet()
  }

  get size(): number {
    return this.keySet.size
  }

  /** Whoever appends a value to `values` himself calls this before, and {@link close} after. */
  open(): void {
    if (this.keySet.size > 0) this.values.byte(SEPARATOR_BYTE)
  }

  close(key: KnownKey, isJson: boolean): void {
    this.keySet = this.keySet.with(key, isJson)
  }

  addText(key: KnownKey, text: string): void {
    this.open()
    const kept = storable(text)
    const isJson = kept.includes(VALUE_SEPARATOR)
    this.values.utf8(isJson ? JSON.stringify(kept) : kept)
    this.close(key, isJson)
  }

  /** A text from UTF-8 bytes. */
  addBytes(key: KnownKey, source: Buffer, start: number, end: number): void {
    const size = end - start
    const { values } = this
    values.ensure(size + 1)
    const out = values.bytes
    let at = values.length
    if (this.keySet.size > 0) out[at++] = SEPARATOR_BYTE
    for (let index = start; index < end; index += 1) {
      const byte = source[index] ?? 0
      if (PLAIN[byte] === 0) return this.addText(key, source.toString('utf8', start, end))
      out[at++] = byte
    }
    values.length = at
    this.keySet = this.keySet.with(key, false)
  }

  addInteger(key: KnownKey, value: number | bigint): void {
    this.open()
    const { values } = this
    if (typeof value === 'number' && value >= 0 && value < 10) values.byte(0x30 + value)
    else values.ascii(String(value))
    // Beyond the safe range as text: a JSON reader would round it.
    this.close(key, typeof value === 'number')
  }

  /** Adds what `write` appends, which is JSON. */
  addJson(key: KnownKey, write: (out: ByteWriter) => void): void {
    this.open()
    write(this.values)
    this.close(key, true)
  }

  /** The attributes as one JSON object; for sets that are not worth storing as such, and for tests. */
  toJson(): string {
    if (this.keySet.size === 0) return '{}'
    const values = this.values.written().toString('utf8').split(VALUE_SEPARATOR)
    const members = this.keySet
      .entries()
      .map(
        ({ key, isJson }, index) =>
          `${JSON.stringify(key.text)}:${isJson ? values[index] : JSON.stringify(values[index])}`,
      )
    return `{${members.join(',')}}`
  }

  /** The value of a key as text: texts as they are, everything else as JSON; null when there is none. */
  textOf(keyText: string): string | null {
    if (!this.keySet.has(keyText)) return null
    const place = this.keySet.entries().findIndex(({ key }) => key.text === keyText)
    const value = this.values.written().toString('utf8').split(VALUE_SEPARATOR)[place] ?? ''
    if (this.keySet.entries()[place]?.isJson !== true) return value
    if (value.startsWith('"')) return String(JSON.parse(value))
    return value === 'null' ? null : value
  }
}
