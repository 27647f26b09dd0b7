import { slotOfKey } from '#domain/trace/attribute-slots.ts'
import { ByteWriter } from '#otlp/byte-writer.ts'
import { StringPool } from '#otlp/string-pool.ts'

/** An attribute key: its slot among the keys that we know (-1 = none) and `"key":` ready to be written. */
export interface KnownKey {
  readonly text: string
  /** As it came in, to be recognised without decoding it. */
  readonly bytes: Buffer
  readonly slot: number
  readonly json: Buffer
}

/** Shared by all decoders of the process: services use few keys. */
export const keyPool = new StringPool<KnownKey>(8_192, (text) => {
  const kept = text.length > 1_024 ? text.slice(0, 1_024) : text
  const writer = new ByteWriter(kept.length * 3 + 8)
  writer.jsonText(kept)
  const name = writer.written().toString('utf8')
  writer.byte(0x3a)
  return {
    text: String(JSON.parse(name)),
    bytes: Buffer.from(text),
    slot: slotOfKey(text),
    json: Buffer.from(writer.written()),
  }
})
