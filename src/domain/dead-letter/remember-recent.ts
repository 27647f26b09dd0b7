/**
 * The same function with its recent answers kept: dead letters come in bursts of one cause, and reading the same stack a
 * thousand times is what costs. Two generations of at most `limit` keys each, so memory is bounded and eviction is cheap.
 */
export function rememberRecent<Value>(limit: number, compute: (key: string) => Value): (key: string) => Value {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  return (key) => {
    const known = young.get(key) ?? old.get(key)
    const value = known ?? compute(key)
    if (!young.has(key)) {
      if (young.size >= limit) {
        old = young
        young = new Map()
      }
      young.set(key, value)
    }
    return value
  }
}
