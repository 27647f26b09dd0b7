import { z } from 'zod'

/** Longer expressions are refused before they reach the worker. */
export const MAX_EXPRESSION_LENGTH = 2_000

const part = (length: number) => z.string().trim().min(1).max(length).nullable().default(null)

/** By what single dead letters are looked for; every part that is given must hold. null = not asked. */
export const letterFilterSchema = z.object({
  /** Part of the failure's title or of its exception class, in any case. */
  error: part(300),
  /** The dead-letter place or the destination that it came from, exact. */
  destination: part(300),
  /** The message key as text, exact. */
  key: part(1_000),
  /** Name of a header, in any case. */
  header: part(300),
  /** Value of that header as text, exact; null = any. */
  headerValue: part(1_000),
  /** CEL over the message, or a path that begins with `$`. */
  expression: part(MAX_EXPRESSION_LENGTH),
})

export type LetterFilter = z.output<typeof letterFilterSchema>

/** True for a filter that would mean every dead letter there is. */
export const isEmptyFilter = ({ error, destination, key, header, expression }: LetterFilter): boolean =>
  [error, destination, key, header, expression].every((asked) => asked === null)

/** True when an answer tells something of a message's content: key, header value or payload. */
export const readsContent = ({ key, headerValue, expression }: LetterFilter): boolean =>
  [key, headerValue, expression].some((asked) => asked !== null)

/** The filter in words: `error “Timeout”, key “7”`. */
export function describeFilter(filter: LetterFilter): string {
  const parts = [
    filter.error === null ? null : `error “${filter.error}”`,
    filter.destination === null ? null : `destination ${filter.destination}`,
    filter.key === null ? null : `key “${filter.key}”`,
    filter.header === null
      ? null
      : filter.headerValue === null
        ? `header ${filter.header}`
        : `header ${filter.header} = “${filter.headerValue}”`,
    filter.expression,
  ]
  return parts.filter((one) => one !== null).join(', ')
}
