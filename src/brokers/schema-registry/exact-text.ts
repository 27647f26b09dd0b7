const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** null when the bytes are no UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    // What is no text is said by whoever wanted one.
    return null
  }
}

/** A floating-point number as JSON; what JSON has no number for is a string. */
export const printDouble = (value: number): string =>
  Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : `"${value}"`

/** The shortest digits that are this float32 and no other. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value)) return printDouble(value)
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return printDouble(short)
  }
  return printDouble(value)
}

/** Bytes as JSON: base64 in quotes. */
export const printBytes = (bytes: Uint8Array): string => `"${Buffer.from(bytes).toString('base64')}"`

/** A big-endian two's complement number with `scale` digits behind the point, every digit kept; a JSON number. */
export function printDecimal(bytes: Uint8Array, scale: number): string {
  const unscaled = bytes.byteLength === 0 ? 0n : BigInt.asIntN(bytes.byteLength * 8, BigInt(`0x${hexOf(bytes)}`))
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const LAST_SECOND = 253_402_300_799n
const FIRST_SECOND = -62_135_596_800n

/**
 * An instant as RFC 3339, with all its digits behind the second; the bare number where the year has not four digits.
 * @param count units since 1970
 * @param perSecond a power of ten
 * @param zone `Z`, or nothing for a time of day that is not tied to a place
 */
export function printInstant(count: bigint, perSecond: bigint, zone: 'Z' | ''): string {
  const [second, rest] = floorDivide(count, perSecond)
  if (second < FIRST_SECOND || second > LAST_SECOND) return String(count)
  const whole = new Date(Number(second) * 1_000).toISOString().slice(0, 19)
  return `"${whole}${printFraction(rest, perSecond)}${zone}"`
}

/** Days since 1970 as a date. */
export function printDate(days: number): string {
  const instant = printInstant(BigInt(days) * 86_400n, 1n, '')
  return instant.startsWith('"') ? `${instant.slice(0, 11)}"` : String(days)
}

/** A time of day; the bare number when it is none. */
export function printTimeOfDay(count: bigint, perSecond: bigint): string {
  const [second, rest] = floorDivide(count, perSecond)
  if (second < 0n || second >= 86_400n) return String(count)
  return `"${new Date(Number(second) * 1_000).toISOString().slice(11, 19)}${printFraction(rest, perSecond)}"`
}

export const printFraction = (rest: bigint, perSecond: bigint): string =>
  perSecond === 1n ? '' : `.${String(rest).padStart(String(perSecond).length - 1, '0')}`

function floorDivide(count: bigint, by: bigint): readonly [bigint, bigint] {
  const rest = ((count % by) + by) % by
  return [(count - rest) / by, rest]
}
