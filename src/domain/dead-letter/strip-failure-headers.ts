import { DIALECTS } from '#domain/dead-letter/dialect.ts'
import { ITEM_HEADER, OPERATION_HEADER, type Header } from '#domain/message.ts'

/** Ours, of an earlier redrive of the same message; the redrive count stays, because the loop guard reads it. */
const OWN = new Set([OPERATION_HEADER, ITEM_HEADER])

interface Strips {
  readonly exact: ReadonlySet<string>
  readonly prefixes: readonly string[]
}

const NOTHING: Strips = { exact: new Set(), prefixes: [] }
/** By dialect, ready to be asked for every message. */
const STRIPS: ReadonlyMap<string, Strips> = new Map(
  DIALECTS.map(({ name, strips }) => [
    name,
    {
      exact: new Set(strips.filter((strip) => !strip.endsWith('*'))),
      prefixes: strips.filter((strip) => strip.endsWith('*')).map((strip) => strip.slice(0, -1)),
    },
  ]),
)

/**
 * The headers that a redriven copy carries: all but what the dialect's framework wrote about the death, in their order
 * and with duplicates and null values kept. The sender adds its own marks afterwards.
 */
export function stripFailureHeaders(headers: readonly Header[], dialectName: string): readonly Header[] {
  const { exact, prefixes } = STRIPS.get(dialectName) ?? NOTHING
  return headers.filter(({ name }) => {
    const folded = name.toLowerCase()
    return !OWN.has(folded) && !exact.has(folded) && !prefixes.some((prefix) => folded.startsWith(prefix))
  })
}
