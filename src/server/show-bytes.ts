import type { StoredHeader } from '#db/schema/dead-letter.ts'
import { isMaskedName, MASK, type MaskRule, maskJson, maskText } from '#domain/masking/mask-text.ts'

/** Bytes as a person can read them. `hex` holds at most the first 4 KiB. */
export interface ShownBytes {
  readonly kind: 'json' | 'text' | 'binary'
  /** Pretty for JSON, as it is for text, hex digits for binary. */
  readonly text: string
  /** The whole size, also when the text shows less. */
  readonly byteCount: number
  readonly isShortened: boolean
  /** Values that were replaced by the masking rule. */
  readonly maskedCount: number
}

export interface ShownHeader {
  readonly name: string
  readonly kind: 'null' | 'text' | 'int32' | 'int64' | 'binary'
  /** Decimal for integers, hex for other binary; null for a null header. */
  readonly text: string | null
}

const MAX_HEX_BYTES = 4_096
/** Numbers beyond this would change when parsed and printed again. */
const UNSAFE_NUMBER = /(?<![\w."])-?\d{16,}|\d\.\d{16,}|\d[eE][+-]?\d/

/** Masked by the rule. null for null bytes (a tombstone, no key). Text only when it is clean UTF-8 without control characters. */
export function showBytes(value: Uint8Array | null, byteCount: number, rule: MaskRule): ShownBytes | null {
  if (value === null) return null
  const text = cleanText(value, byteCount > value.byteLength)
  if (text === null) {
    const head = value.subarray(0, MAX_HEX_BYTES)
    return {
      kind: 'binary',
      text: Buffer.from(head).toString('hex'),
      byteCount,
      isShortened: byteCount > head.byteLength,
      maskedCount: 0,
    }
  }
  const pretty = prettyJson(text)
  // What was cut is no JSON any more, but its fields are still told by their names.
  const masked = pretty === null && !/^\s*[{[]/.test(text) ? maskText(text) : maskJson(rule, pretty ?? text)
  return {
    kind: pretty === null ? 'text' : 'json',
    text: masked.text,
    byteCount,
    isShortened: byteCount > value.byteLength,
    maskedCount: masked.maskedCount,
  }
}

/** Four bytes are read as int32 and eight as int64, which is what Spring writes; other binary stays hex. */
export function showStoredHeader(header: StoredHeader, rule: MaskRule): ShownHeader {
  if (isMaskedName(rule, header.n) && (header.t ?? header.b) !== undefined) {
    return { name: header.n, kind: 'text', text: MASK }
  }
  if (header.t !== undefined) return { name: header.n, kind: 'text', text: maskText(header.t).text }
  if (header.b === undefined) return { name: header.n, kind: 'null', text: null }
  const value = Buffer.from(header.b, 'base64')
  if (value.byteLength === 4) return { name: header.n, kind: 'int32', text: String(value.readInt32BE(0)) }
  if (value.byteLength === 8) return { name: header.n, kind: 'int64', text: String(value.readBigInt64BE(0)) }
  return { name: header.n, kind: 'binary', text: value.subarray(0, MAX_HEX_BYTES).toString('hex') }
}

function cleanText(value: Uint8Array, isCut: boolean): string | null {
  try {
    // A cut may fall inside a character: `stream` then leaves the incomplete tail out instead of refusing it.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(value, { stream: isCut })
    // Control characters are what tells binary from text
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** null when it is not JSON, and also when printing it again could change a number. */
function prettyJson(text: string): string | null {
  const start = text.trimStart()[0]
  if (start !== '{' && start !== '[') return null
  try {
    const parsed: unknown = JSON.parse(text)
    return UNSAFE_NUMBER.test(text) ? text : JSON.stringify(parsed, null, 2)
  } catch {
    return null
  }
}
