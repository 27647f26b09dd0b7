import type { Header } from '#domain/message.ts'

/** A dead letter that leaves as a line of an export: whole, unmasked. */
export interface ExportedLetter {
  readonly clusterId: string
  readonly destination: string
  readonly position: string
  readonly state: string
  readonly deadAtMs: number
  readonly originDestination: string | null
  readonly originPosition: string | null
  readonly consumerGroup: string | null
  readonly attempts: number | null
  readonly exceptionClass: string | null
  readonly exceptionMessage: string | null
  readonly fingerprint: string
  readonly correlationId: string | null
  readonly traceId: string | null
  readonly redriveCount: number
  readonly key: Uint8Array | null
  readonly headers: readonly Header[]
  readonly payload: Uint8Array | null
  readonly payloadBytes: number
  /** Only the beginning of the payload is known here. */
  readonly isPayloadCut: boolean
}

/** Bytes that are clean UTF-8 as `text`, all others as `base64`: either comes back to the byte. */
export type WrittenBytes = { readonly text: string } | { readonly base64: string } | null

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function writeBytes(value: Uint8Array | null): WrittenBytes {
  if (value === null) return null
  try {
    return { text: strictUtf8.decode(value) }
  } catch {
    // Binary values are normal; they are written as what they are.
    return { base64: Buffer.from(value).toString('base64') }
  }
}

/** One line of JSON Lines, with its line feed. A header keeps its place, also when there are several of its name. */
export function writeMessageLine(letter: ExportedLetter): string {
  const { key, headers, payload, deadAtMs, ...facts } = letter
  const line = {
    format: 'throughline-dead-letter/1',
    ...facts,
    deadAt: new Date(deadAtMs).toISOString(),
    key: writeBytes(key),
    headers: headers.map(({ name, value }) => ({ name, value: writeBytes(value) })),
    payload: writeBytes(payload),
  }
  return `${JSON.stringify(line)}\n`
}
