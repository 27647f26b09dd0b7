interface Entry<Value> {
  readonly bytes: Buffer
  readonly value: Value
}

/**
 * Turns the few texts that come again and again (attribute keys, span names, services) into one value each, without
 * decoding them again. Bounded: when it is full it starts anew.
 */
export class StringPool<Value> {
  #entries = new Map<number, Entry<Value>>()
  readonly #capacity: number
  readonly #make: (text: string) => Value

  constructor(capacity: number, make: (text: string) => Value) {
    this.#capacity = capacity
    this.#make = make
  }

  take(source: Buffer, start: number, end: number): Value {
    let hash = end - start
    for (let index = start; index < end; index += 1) hash = (Math.imul(hash, 31) + (source[index] ?? 0)) | 0
    const found = this.#entries.get(hash)
    if (found !== undefined && isSame(found.bytes, source, start, end)) return found.value
    const value = this.#make(source.toString('utf8', start, end))
    if (end - start > 256) return value
    if (this.#entries.size >= this.#capacity) this.#entries = new Map()
    this.#entries.set(hash, { bytes: Buffer.from(source.subarray(start, end)), value })
    return value
  }
}

function isSame(left: Buffer, right: Buffer, start: number, end: number): boolean {
  const size = left.length
  if (size !== end - start) return false
  for (let index = 0; index < size; index += 1) if (left[index] !== right[start + index]) return false
  return true
}
