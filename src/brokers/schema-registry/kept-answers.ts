/** Answers by key, the least used ones dropped. A question that is being asked is not asked a second time. */
export interface KeptAnswers<Key, Value> {
  get(key: Key): Promise<Value>
}

/**
 * @param ask never rejects
 * @param keepMs how long an answer counts; null = as long as there is room
 */
export function keepAnswers<Key, Value>(
  maxEntries: number,
  ask: (key: Key) => Promise<Value>,
  keepMs: (value: Value) => number | null,
): KeptAnswers<Key, Value> {
  const entries = new Map<Key, { readonly answer: Promise<Value>; untilMs: number }>()
  return {
    get(key) {
      const known = entries.get(key)
      entries.delete(key)
      if (known !== undefined && performance.now() < known.untilMs) {
        entries.set(key, known)
        return known.answer
      }
      const entry = { answer: ask(key), untilMs: Number.POSITIVE_INFINITY }
      entries.set(key, entry)
      void entry.answer.then((value) => {
        entry.untilMs = performance.now() + (keepMs(value) ?? Number.POSITIVE_INFINITY)
      })
      const oldest = entries.size > maxEntries ? entries.keys().next() : null
      if (oldest !== null && !oldest.done) entries.delete(oldest.value)
      return entry.answer
    },
  }
}
