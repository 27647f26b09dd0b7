/** Longer names are cut where they are listed; details on demand have them whole. */
const MOST_CHARACTERS = 300

/** A copy in which no text is longer than a list can show; what was cut ends in `…`. Plain objects and arrays only. */
export function shortenTexts<Value>(value: Value): Value {
  return shorten(value) as Value
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.length <= MOST_CHARACTERS ? value : `${value.slice(0, MOST_CHARACTERS)}…`
  }
  if (Array.isArray(value)) return value.map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, shorten(held)]))
}
