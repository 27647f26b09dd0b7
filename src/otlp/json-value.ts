import type { AttributeList } from '#otlp/attribute-list.ts'
import type { ByteWriter } from '#otlp/byte-writer.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import { refuseBody } from '#otlp/protobuf-reader.ts'
import { cutWhole, type ValueNotes } from '#otlp/protobuf-value.ts'
import { keyPool, type KnownKey } from '#otlp/known-key.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** @throws Failure `invalid` when there is something else than an object (or nothing, which is an empty one). */
export function asObject(value: unknown, what: string): JsonObject {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) refuseBody(`${what} is not an object`)
  return value as JsonObject
}

/** @throws Failure `invalid` when there is something else than an array (or nothing, which is an empty one). */
export function asArray(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) refuseBody(`${what} is not an array`)
  return value
}

/** The text, cut to a number of characters; '' for anything that is not a string. */
export function asText(value: unknown, maxLength: number): string {
  if (typeof value !== 'string') return ''
  return value.length > maxLength ? value.slice(0, maxLength) : value
}

/** The known key of a text, through the pool that the protobuf decoder uses. */
export function takeKey(value: unknown): KnownKey {
  const bytes = Buffer.from(asText(value, OTLP_LIMITS.maxNameBytes), 'utf8')
  return keyPool.take(bytes, 0, bytes.length)
}

/** Unix nanoseconds, as text or number, as whole microseconds. Text is exact; a number is what the sender made of it. */
export function asMicroseconds(value: unknown): number {
  if (typeof value === 'number') return value >= 0 ? Math.floor(value / 1_000) : 0
  if (typeof value !== 'string' || value === '') return 0
  if (!/^\d{1,20}$/.test(value)) refuseBody('a time is not a number of nanoseconds')
  return value.length <= 3 ? 0 : Number(value.slice(0, -3))
}

export function asCount(value: unknown): number {
  const count = Number(value ?? 0)
  return Number.isSafeInteger(count) && count > 0 ? Math.min(count, 2_147_483_647) : 0
}

/** Writes one AnyValue as plain JSON. @throws Failure `invalid` when nested too deeply. */
export function writeJsonValue(value: unknown, out: ByteWriter, depth: number, notes: ValueNotes): void {
  if (depth > OTLP_LIMITS.maxValueDepth) refuseBody(`a value nested more than ${OTLP_LIMITS.maxValueDepth} deep`)
  const any = asObject(value, 'an attribute value')
  if (typeof any['stringValue'] === 'string') out.jsonText(cutText(any['stringValue'], notes))
  else if (typeof any['bytesValue'] === 'string') out.jsonText(cutText(any['bytesValue'], notes))
  else if (any['boolValue'] !== undefined) out.ascii(any['boolValue'] === true ? 'true' : 'false')
  else if (any['intValue'] !== undefined) writeInteger(any['intValue'], out)
  else if (any['doubleValue'] !== undefined) writeDouble(any['doubleValue'], out)
  else if (any['arrayValue'] !== undefined) writeList(any['arrayValue'], out, depth, notes)
  else if (any['kvlistValue'] !== undefined) writeEntries(any['kvlistValue'], out, depth, notes)
  else out.ascii('null')
}

/** Adds one attribute; texts as they are, everything else as JSON. @throws Failure `invalid` when nested too deeply. */
export function addJsonAttribute(list: AttributeList, key: KnownKey, value: unknown, notes: ValueNotes): void {
  const any = asObject(value, 'an attribute value')
  if (typeof any['stringValue'] === 'string') list.addText(key, cutText(any['stringValue'], notes))
  else if (typeof any['bytesValue'] === 'string') list.addText(key, cutText(any['bytesValue'], notes))
  else if (any['intValue'] !== undefined && any['boolValue'] === undefined)
    list.addInteger(key, asInteger(any['intValue']))
  else list.addJson(key, (out) => writeJsonValue(any, out, 0, notes))
}

function cutText(text: string, notes: ValueNotes): string {
  if (text.length * 3 <= OTLP_LIMITS.maxValueBytes || Buffer.byteLength(text) <= OTLP_LIMITS.maxValueBytes) return text
  notes.truncatedValueCount += 1
  return Buffer.from(text)
    .subarray(0, OTLP_LIMITS.maxValueBytes)
    .toString('utf8')
    .replace(/\ufffd$/, '')
}

/** Beyond the safe range as text: a JSON reader would round it. @throws Failure `invalid` for what is not a whole number. */
function writeInteger(value: unknown, out: ByteWriter): void {
  const whole = asInteger(value)
  out.ascii(typeof whole === 'number' ? String(whole) : `"${whole}"`)
}

/** A number where a double holds it, else a bigint. */
function asInteger(value: unknown): number | bigint {
  const isWhole = typeof value === 'number' ? Number.isInteger(value) : /^-?\d{1,20}$/.test(String(value))
  if (!isWhole) refuseBody('an intValue is not a whole number')
  const exact = BigInt(value as number | string)
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

function writeDouble(value: unknown, out: ByteWriter): void {
  const number = typeof value === 'number' ? value : Number(value)
  out.ascii(Number.isFinite(number) ? String(number) : `"${number}"`)
}

function writeList(value: unknown, out: ByteWriter, depth: number, notes: ValueNotes): void {
  const begin = out.length
  out.byte(0x5b)
  for (const element of asArray(asObject(value, 'an arrayValue')['values'], 'the values of an arrayValue')) {
    if (out.length > begin + 1) out.byte(0x2c)
    writeJsonValue(element, out, depth + 1, notes)
  }
  out.byte(0x5d)
  cutWhole(out, begin, notes)
}

function writeEntries(value: unknown, out: ByteWriter, depth: number, notes: ValueNotes): void {
  const begin = out.length
  out.byte(0x7b)
  for (const element of asArray(asObject(value, 'a kvlistValue')['values'], 'the values of a kvlistValue')) {
    const pair = asObject(element, 'a pair of a kvlistValue')
    if (out.length > begin + 1) out.byte(0x2c)
    writeJsonPair(pair, out, depth + 1, notes)
  }
  out.byte(0x7d)
  cutWhole(out, begin, notes)
}

/** Writes `"key":value`; gives the key. */
export function writeJsonPair(pair: JsonObject, out: ByteWriter, depth: number, notes: ValueNotes): KnownKey {
  const key = takeKey(pair['key'])
  out.raw(key.json, 0, key.json.length)
  writeJsonValue(pair['value'], out, depth, notes)
  return key
}

/** A scalar AnyValue as text, of a list only when it holds one value; null for anything else. */
export function textOfJson(value: unknown, depth = 0): string | null {
  const any = asObject(value, 'an attribute value')
  if (typeof any['stringValue'] === 'string') return asText(any['stringValue'], OTLP_LIMITS.maxNameBytes)
  for (const name of ['intValue', 'boolValue', 'doubleValue']) {
    const scalar = any[name]
    if (typeof scalar === 'string' || typeof scalar === 'number' || typeof scalar === 'boolean') return String(scalar)
  }
  if (depth > 0 || any['arrayValue'] === undefined) return null
  const values = asArray(asObject(any['arrayValue'], 'an arrayValue')['values'], 'the values of an arrayValue')
  return values.length === 1 ? textOfJson(values[0], 1) : null
}
