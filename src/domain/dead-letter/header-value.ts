import type { Header } from '#domain/message.ts'

/** Headers by folded name, each with all of its values in order of appearance. Null headers are left out. */
export type HeaderIndex = ReadonlyMap<string, readonly Uint8Array[]>

export function indexHeaders(headers: readonly Header[]): HeaderIndex {
  const index = new Map<string, Uint8Array[]>()
  for (const { name, value } of headers) {
    if (value === null) continue
    const folded = name.toLowerCase()
    const values = index.get(folded)
    if (values === undefined) index.set(folded, [value])
    else values.push(value)
  }
  return index
}

/** The last value of the first of `names` (lower case) that is there: frameworks append, so the last one is of this death. */
export function lastValue(index: HeaderIndex, names: readonly string[]): Uint8Array | null {
  for (const name of names) {
    const value = index.get(name)?.at(-1)
    if (value !== undefined) return value
  }
  return null
}

const utf8 = new TextDecoder()

/** As text; null when absent or blank. */
export function readText(index: HeaderIndex, names: readonly string[]): string | null {
  const value = lastValue(index, names)
  const text = value === null ? '' : utf8.decode(value).trim()
  return text === '' ? null : text
}

/**
 * A whole number, as decimal text so that 64 bits stay exact. Java writes int32 and int64 big-endian and BigInteger as
 * minimal two's complement; others write digits. Bytes that are all ASCII digits are read as digits: as binary they would
 * be a partition beyond 800 million, an offset beyond 3e18 or a time after the year 3600.
 */
export function readNumber(index: HeaderIndex, names: readonly string[]): string | null {
  const value = lastValue(index, names)
  if (value === null || value.length === 0) return null
  const text = utf8.decode(value).trim()
  if (/^-?\d{1,20}$/.test(text)) return BigInt(text).toString()
  if (value.length > 8 || isPrintable(value)) return null
  let number = 0n
  for (const byte of value) number = (number << 8n) | BigInt(byte)
  return BigInt.asIntN(value.length * 8, number).toString()
}

/** Milliseconds since the epoch from a number or an ISO time; null for anything outside 2000 to 2100. */
export function readTimeMs(index: HeaderIndex, names: readonly string[]): number | null {
  const number = readNumber(index, names)
  const text = number ?? readText(index, names)
  if (text === null) return null
  const ms = number === null ? Date.parse(text.replace(/:(\d{6}) Z$/, '.$1Z')) : Number(number)
  return ms >= 946_684_800_000 && ms < 4_102_444_800_000 ? ms : null
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
}
