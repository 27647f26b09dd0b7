import { foldKey } from '#domain/trace/attribute-slots.ts'

/** A reader of attributes by folded key, as text; a list counts when it holds one value. */
export function readNamedAttributes(
  attributes: Readonly<Record<string, unknown>>,
): (foldedKey: string) => string | null {
  const folded = new Map<string, unknown>()
  for (const [key, value] of Object.entries(attributes)) {
    const name = foldKey(key)
    if (!folded.has(name)) folded.set(name, value)
  }
  return (key) => attributeText(folded.get(key))
}

/** A value of an attribute as the text of one id; null for blanks, lists of several, and what has parts. */
export function attributeText(value: unknown): string | null {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (typeof one === 'string') return one === '' ? null : one
  return typeof one === 'number' || typeof one === 'boolean' ? String(one) : null
}
