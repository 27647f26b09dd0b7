import {
  ITEM_HEADER,
  OPERATION_HEADER,
  ORIGINAL_TIMESTAMP_HEADER,
  REDRIVE_COUNT_HEADER,
  type Header,
} from '#domain/message.ts'
import { Failure } from '#domain/failure.ts'

/** What CloudEvents 1.0 itself defines; everything else at the top of an envelope is an extension attribute. */
const CORE_ATTRIBUTES = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
])

const OWN = [OPERATION_HEADER, ITEM_HEADER, REDRIVE_COUNT_HEADER, ORIGINAL_TIMESTAMP_HEADER]

/** Attribute names may hold only small letters and digits, so the console's own headers lose their dashes inside. */
const OWN_HEADERS = new Map(OWN.map((name) => [attributeName(name), name]))

/** Headers that the console adds to a copy; where a job cannot carry them, the copy is sent without. */
const MARKS = new Set([...OWN, 'traceparent', 'tracestate', 'baggage'])

export type Envelope = Readonly<Record<string, unknown>>

/** A job's data as a CloudEvents envelope; null when it is anything else. */
export function asEnvelope(value: unknown): Envelope | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const envelope = value as Envelope
  const isEnvelope = ['specversion', 'id', 'source', 'type'].every((name) => typeof envelope[name] === 'string')
  return isEnvelope ? envelope : null
}

/** The extension attributes as headers, in the order in which they are stored. */
export function envelopeHeaders(envelope: Envelope): readonly Header[] {
  return Object.entries(envelope).flatMap(([name, value]) => {
    if (CORE_ATTRIBUTES.has(name)) return []
    const text = attributeText(value)
    return text === null ? [] : [{ name: OWN_HEADERS.get(name) ?? name, value: new TextEncoder().encode(text) }]
  })
}

/** `time` in ms since 1970; null when absent or malformed. */
export function envelopeTimeMs(envelope: Envelope): number | null {
  const time = envelope['time']
  const timeMs = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(timeMs) ? null : timeMs
}

export interface EnvelopeChange {
  /** Attributes to take away, then attributes to put in; both empty when the payload stays as it is. */
  readonly removed: readonly string[]
  readonly added: Readonly<Record<string, string>>
}

const NO_CHANGE: EnvelopeChange = { removed: [], added: {} }

/**
 * What has to change in a payload so that it says what the headers and the time say. Attributes that say it already are
 * left alone, so that a number stays a number. Data without an envelope cannot hold headers: the console's own marks are
 * left out there, and anything else is refused.
 * @throws Failure `unsupported` for headers that a job cannot hold
 */
export function changeForHeaders(
  envelope: Envelope | null,
  headers: readonly Header[],
  timestampMs: number | null,
): EnvelopeChange {
  if (envelope === null) {
    const lost = headers.find((header) => !MARKS.has(header.name.toLowerCase()))
    if (lost === undefined) return NO_CHANGE
    throw new Failure('unsupported', `the job's data is no CloudEvents envelope and cannot hold header "${lost.name}"`)
  }
  const wanted = wantedAttributes(headers)
  const present = Object.keys(envelope).filter(
    (name) => !CORE_ATTRIBUTES.has(name) && attributeText(envelope[name]) !== null,
  )
  const added: Record<string, string> = {}
  for (const [name, text] of wanted) if (attributeText(envelope[name]) !== text) added[name] = text
  if (timestampMs !== null && envelopeTimeMs(envelope) !== timestampMs) {
    added['time'] = new Date(timestampMs).toISOString()
  }
  return { removed: present.filter((name) => !wanted.has(name)), added }
}

function wantedAttributes(headers: readonly Header[]): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>()
  for (const { name, value } of headers) {
    const attribute = attributeName(name)
    const text = value === null ? null : utf8Text(value)
    if (text === null || attribute === '' || CORE_ATTRIBUTES.has(attribute) || wanted.has(attribute)) {
      throw new Failure('unsupported', `a CloudEvents envelope cannot hold header "${name}" beside the others`)
    }
    wanted.set(attribute, text)
  }
  return wanted
}

function attributeName(header: string): string {
  return header.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function attributeText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** Bytes as text; null when they are no UTF-8 or hold the one character that Postgres cannot store. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    // No UTF-8.
    return null
  }
}
