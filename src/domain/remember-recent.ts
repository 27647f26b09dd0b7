/**
 * The same function with its recent answers kept: names and stacks come again and again, and reading one a thousand times
 * is what costs. Two generations of at most `limit` keys each, none longer than `maxKeyLength` characters, so memory is
 * bounded and eviction is cheap.
 */
export function rememberRecent<Value>(
  limit: number,
  compute: (key: string) => Value,
  maxKeyLength = Number.POSITIVE_INFINITY,
): (key: string) => Value {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  return (key) => {
    const recent = young.get(key)
    if (recent !== undefined) return recent
    if (key.length > maxKeyLength) return compute(key)
    const value = old.get(key) ?? compute(key)
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(key, value)
    return value
  }
}
