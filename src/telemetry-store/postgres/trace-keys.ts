const GENERATION_SIZE = 100_000

/**
 * Remembers the flow keys of recent traces, so that spans without a key of their own are counted with the flow of their
 * trace. Bounded: two generations, the older is forgotten as a whole.
 */
export class TraceKeys {
  #young = new Map<string, string>()
  #old = new Map<string, string>()

  /** The flow key; the trace id itself when nothing better is known; {@link MANY_KEYS}; undefined for an unknown trace. */
  find(traceId: string): string | undefined {
    return this.#young.get(traceId) ?? this.#old.get(traceId)
  }

  set(traceId: string, key: string): void {
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(traceId, key)
  }

  /** Learns that a span of the trace carries this key. Gives what was known before. */
  add(traceId: string, key: string): string | undefined {
    const before = this.find(traceId)
    if (before === undefined || before === traceId) this.set(traceId, key)
    else if (before !== key) this.set(traceId, MANY_KEYS)
    return before
  }
}

/** The trace holds spans of several flows: a span without a key belongs to none of them alone. */
export const MANY_KEYS = ''
