import { Failure } from '#domain/failure.ts'

declare global {
  /** What ES2026 adds and the library types do not know yet. */
  interface JSON {
    rawJSON(text: string): unknown
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * JSON whose numbers come out of {@link writeExactJson} digit by digit as they went in: 1.0 stays 1.0 and an id of
 * twenty digits stays that id.
 *
 * @throws Failure `invalid` when the bytes are no UTF-8 or no JSON
 */
export function readExactJson(bytes: Uint8Array): unknown {
  try {
    return parseExactJson(strictUtf8.decode(bytes))
  } catch (cause) {
    throw new Failure('invalid', 'the payload is no JSON', { cause })
  }
}

/** @throws SyntaxError when it is no JSON */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? JSON.rawJSON(source) : value,
  )
}

/** Without spaces. */
export const writeExactJson = (value: unknown): string => JSON.stringify(value)
