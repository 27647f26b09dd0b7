/** Beyond this a message is a document; its beginning tells the cause. */
const MAX_LENGTH = 300

const RULES: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, '<email>'],
  [/\bhttps?:\/\/[^\s"')]+/g, '<url>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\b[A-Za-z]+[-_](?=[\w-]*\d)[\w-]+\b/g, '<id>'],
  [/-?\b\d+(?:[.,]\d+)*\b/g, '<n>'],
]

/** A message without what changes from one failure to the next (ids, times, numbers, addresses), on one line. */
export function normaliseMessage(message: string): string {
  let text = message
    .slice(0, MAX_LENGTH * 4)
    .replace(/\s+/g, ' ')
    .trim()
  for (const [pattern, replacement] of RULES) text = text.replace(pattern, replacement)
  return text.slice(0, MAX_LENGTH)
}
