const GENERATION_SIZE = 100_000

/** A map that forgets its older half when it is full. */
export class RecentMap<Value> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  find(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
