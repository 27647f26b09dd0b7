import type { FlowPlace } from '#telemetry-store/postgres/walk-flows.ts'

/** Where a search goes on: behind a flow, or before an instant. */
export type SearchCursor =
  | { readonly kind: 'place'; readonly place: FlowPlace }
  | { readonly kind: 'instant'; readonly beforeUs: number }

export const encodeSearchCursor = (cursor: SearchCursor): string =>
  Buffer.from(
    JSON.stringify(
      cursor.kind === 'place' ? [cursor.place.startedUs, cursor.place.flowKey] : [String(cursor.beforeUs)],
    ),
  ).toString('base64url')

/** null for a text that is not a cursor of ours, which means the first page. */
export function decodeSearchCursor(cursor: string | null): SearchCursor | null {
  if (cursor === null) return null
  const match = /^\["(\d{1,16})"(?:,("(?:[^"\\]|\\.)*"))?\]$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  const instant = match?.[1]
  if (instant === undefined) return null
  const key = match?.[2]
  if (key === undefined) return { kind: 'instant', beforeUs: Number(instant) }
  return { kind: 'place', place: { startedUs: instant, flowKey: String(JSON.parse(key)) } }
}
