/** The wire format of Confluent's serialisers: a zero byte, the schema's id (int32, big-endian), then the body. */
export interface Frame {
  readonly schemaId: number
  readonly body: Uint8Array
}

const HEAD_BYTES = 5

/** null when the bytes do not begin like that. Other binary formats can begin with a zero byte, too. */
export function readFrame(bytes: Uint8Array): Frame | null {
  if (bytes.byteLength < HEAD_BYTES || bytes[0] !== 0) return null
  const schemaId = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES).getInt32(1)
  return schemaId > 0 ? { schemaId, body: bytes.subarray(HEAD_BYTES) } : null
}

/** The zero byte and the id alone, to be put before another body. */
export const frameHead = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, HEAD_BYTES)
