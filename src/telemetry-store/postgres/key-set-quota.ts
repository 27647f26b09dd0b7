import type { KeySet } from '#otlp/key-set.ts'

/** More sets than this in a day means that somebody writes ids into his keys: further sets would cost more than they save. */
const MAX_PER_DAY = 10_000

/** Decides which key sets get a row of their own. */
class KeySetQuota {
  #day = -1
  #ids = new Set<string>()

  admits(keySet: KeySet, day: number): boolean {
    if (keySet.storableDay === day) return true
    if (keySet.size === 0) return false
    if (this.#day !== day) {
      this.#day = day
      this.#ids = new Set()
    }
    const id = keySet.id.toString('latin1')
    if (!this.#ids.has(id)) {
      if (this.#ids.size >= MAX_PER_DAY) return false
      this.#ids.add(id)
    }
    keySet.storableDay = day
    return true
  }
}

/** One for the process, as the sets are. */
export const keySetQuota = new KeySetQuota()
