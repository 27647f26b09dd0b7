import { hash } from 'node:crypto'
import { storable } from '#otlp/byte-writer.ts'
import type { SpanOrigin } from '#otlp/span-sink.ts'

const MAX_TEXT = 255

/** Names what a resource leaves out as the specification does, cuts what is too long, and gives the origin its id. */
export function makeOrigin(parts: {
  readonly service: string | null
  readonly serviceVersion: string | null
  readonly scope: string | null
  readonly resource: string
}): SpanOrigin {
  const service = shortText(parts.service) ?? 'unknown_service'
  const scope = shortText(parts.scope)
  return {
    id: hash('md5', `${scope ?? ''}\n${parts.resource}`, 'buffer').subarray(0, 8),
    service,
    serviceVersion: shortText(parts.serviceVersion),
    scope,
    resource: parts.resource,
  }
}

function shortText(text: string | null): string | null {
  const kept = text === null ? '' : storable(text.slice(0, MAX_TEXT)).trim()
  return kept === '' ? null : kept
}
