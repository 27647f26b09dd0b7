import type { StoredHeader } from '#db/schema/dead-letter.ts'
import type { Header } from '#domain/message.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Text when it is clean UTF-8 without NUL (which jsonb cannot hold), else base64: the bytes come back either way. */
export function storeHeader({ name, value }: Header): StoredHeader {
  const n = name.replaceAll('\u0000', '\ufffd')
  if (value === null) return { n }
  try {
    const text = strictUtf8.decode(value)
    if (!text.includes('\u0000')) return { n, t: text }
  } catch {
    // Binary values are normal (Spring's numbers); they are kept as base64 below.
  }
  return { n, b: Buffer.from(value).toString('base64') }
}

/** The inverse of {@link storeHeader}. */
export function readStoredHeader({ n, t, b }: StoredHeader): Header {
  if (t !== undefined) return { name: n, value: new TextEncoder().encode(t) }
  return { name: n, value: b === undefined ? null : Buffer.from(b, 'base64') }
}
