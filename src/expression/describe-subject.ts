import type { LetterSubject } from '#domain/dead-letter/letter-subject.ts'

const decoder = new TextDecoder()

/** From here on a number of JSON may be beyond what a double holds exactly. */
const MANY_DIGITS = /\d{16}/

/** The variables of an expression. What nobody knows is an empty text or null, never absent. */
export function describeSubject(subject: LetterSubject): Record<string, unknown> {
  const text = subject.payload === null ? '' : decoder.decode(subject.payload)
  return {
    payload: parseJson(text),
    text,
    headers: describeHeaders(subject),
    key: subject.key === null ? '' : decoder.decode(subject.key),
    error: subject.error ?? '',
    message: subject.message ?? '',
    stack: subject.stack ?? '',
    destination: subject.destination,
    origin: subject.origin ?? '',
    group: subject.group ?? '',
    dialect: subject.dialect,
    attempts: subject.attempts,
    redrives: subject.redrives,
    size_bytes: subject.payloadBytes,
    died: new Date(subject.deadAtMs),
  }
}

/** Each header under its name and under its name in lower case; of several of one name the last counts. */
function describeHeaders({ headers }: LetterSubject): Record<string, string | null> {
  const found: Record<string, string | null> = Object.create(null) as Record<string, string | null>
  for (const { name, value } of headers) {
    const text = value === null ? null : decoder.decode(value)
    found[name] = text
    found[name.toLowerCase()] = text
  }
  return found
}

/** null for a payload that is no JSON, or that is stored only in part. */
function parseJson(text: string): unknown {
  try {
    return MANY_DIGITS.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text)
  } catch {
    // Payloads are other people's: what is no JSON has no fields, `text` holds it all the same.
    return null
  }
}

/** Whole numbers beyond a double's reach stay exact. */
function keepExact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isUnsafe = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
  return isUnsafe ? BigInt(context?.source ?? 0) : value
}
