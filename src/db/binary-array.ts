/** Object ids of element types, as every Postgres has them. */
const ELEMENT_OID = { text: 25, bytea: 17, jsonb: 3802 } as const
/** jsonb travels as its version and its text. */
const JSONB_VERSION = 1
const HEAD_BYTES = 20

/**
 * An array parameter in Postgres' binary form. As text every element would be escaped here and read letter by letter
 * there, which for messages of kilobytes costs more than storing them.
 */
export function binaryArray(type: keyof typeof ELEMENT_OID, elements: readonly (string | Uint8Array | null)[]): Buffer {
  const isJsonb = type === 'jsonb'
  const lengths = elements.map((element) => (element === null ? -1 : byteLengthOf(element) + (isJsonb ? 1 : 0)))
  const total = lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), HEAD_BYTES)
  const buffer = Buffer.allocUnsafe(total)
  // An array without elements has no dimension, but one with a length of 0 reads as the same.
  for (const [at, word] of [1, Number(lengths.includes(-1)), ELEMENT_OID[type], elements.length, 1].entries())
    buffer.writeInt32BE(word, at * 4)
  let at = HEAD_BYTES
  for (const [place, element] of elements.entries()) {
    at = buffer.writeInt32BE(lengths[place] ?? -1, at)
    if (element === null) continue
    if (isJsonb) at = buffer.writeUInt8(JSONB_VERSION, at)
    if (typeof element === 'string') at += buffer.write(element, at)
    else {
      buffer.set(element, at)
      at += element.length
    }
  }
  return buffer
}

const byteLengthOf = (element: string | Uint8Array): number =>
  typeof element === 'string' ? Buffer.byteLength(element) : element.length
