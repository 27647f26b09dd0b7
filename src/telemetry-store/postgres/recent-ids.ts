const FIRST_CAPACITY = 1_024
const MAX_CAPACITY = 262_144
/** Fuller than this, a search in an open table gets long. */
const MAX_LOAD = 0.65

/** Half of a span id of eight characters, each a byte; `at` is 0 or 4. */
export const wordOfId = (id: string, at: number): number =>
  id.charCodeAt(at) | (id.charCodeAt(at + 1) << 8) | (id.charCodeAt(at + 2) << 16) | (id.charCodeAt(at + 3) << 24)

/** Spreads ids over tables, those that count upwards too. */
export function hashWords(high: number, low: number): number {
  const mixed = Math.imul(high ^ Math.imul(low, 0x9e37_79b1), 0x85eb_ca6b)
  return mixed ^ (mixed >>> 15)
}

/** Open addressing over flat arrays: 18 bytes for an entry, and nothing that a garbage collector would have to visit. */
class IdTable {
  size = 0
  #capacity = FIRST_CAPACITY
  #words = new Int32Array(FIRST_CAPACITY * 2)
  #numbers = new Uint16Array(FIRST_CAPACITY)
  #timesUs: Float64Array
  readonly #hasTimes: boolean

  constructor(hasTimes: boolean) {
    this.#hasTimes = hasTimes
    this.#timesUs = new Float64Array(hasTimes ? FIRST_CAPACITY : 0)
  }

  get isFull(): boolean {
    return this.#capacity === MAX_CAPACITY && this.size >= MAX_CAPACITY * MAX_LOAD
  }

  /** Where the id stands or would stand. */
  slotOf(high: number, low: number): number {
    const mask = this.#capacity - 1
    let slot = hashWords(high, low) & mask
    while (this.#numbers[slot] !== 0 && (this.#words[slot * 2] !== high || this.#words[slot * 2 + 1] !== low))
      slot = (slot + 1) & mask
    return slot
  }

  /** 0 = nothing stands there. */
  numberAt(slot: number): number {
    return this.#numbers[slot] ?? 0
  }

  timeUsAt(slot: number): number {
    return this.#timesUs[slot] ?? 0
  }

  put(high: number, low: number, number: number, timeUs: number): void {
    if (this.size >= this.#capacity * MAX_LOAD && this.#capacity < MAX_CAPACITY) this.#grow()
    const slot = this.slotOf(high, low)
    if (this.#numbers[slot] === 0) this.size += 1
    this.#words[slot * 2] = high
    this.#words[slot * 2 + 1] = low
    this.#numbers[slot] = number
    if (this.#hasTimes) this.#timesUs[slot] = timeUs
  }

  clear(): void {
    this.#numbers.fill(0)
    this.size = 0
  }

  #grow(): void {
    const [words, numbers, timesUs] = [this.#words, this.#numbers, this.#timesUs]
    this.#capacity *= 2
    this.#words = new Int32Array(this.#capacity * 2)
    this.#numbers = new Uint16Array(this.#capacity)
    this.#timesUs = new Float64Array(this.#hasTimes ? this.#capacity : 0)
    this.size = 0
    for (const [slot, number] of numbers.entries())
      if (number !== 0) this.put(words[slot * 2] ?? 0, words[slot * 2 + 1] ?? 0, number, timesUs[slot] ?? 0)
  }
}

/**
 * What was noted of the newest 170,000 to 340,000 ids: a number from 1 to 65,535 and, when made so, a time. Forgets the
 * older half when it is full. At most 9 MB with times, 5 MB without.
 */
export class RecentIds {
  /** The time of the id that {@link find} has just found, in microseconds. */
  foundUs = 0
  readonly #hasTimes: boolean
  #young: IdTable
  #old: IdTable | null = null

  constructor({ hasTimes }: { readonly hasTimes: boolean }) {
    this.#hasTimes = hasTimes
    this.#young = new IdTable(hasTimes)
  }

  /** The number that was noted; 0 = the id is not known. */
  find(high: number, low: number): number {
    return this.#findIn(this.#young, high, low) || (this.#old === null ? 0 : this.#findIn(this.#old, high, low))
  }

  note(high: number, low: number, number: number, timeUs = 0): void {
    if (this.#young.isFull) {
      const emptied = this.#old ?? new IdTable(this.#hasTimes)
      emptied.clear()
      this.#old = this.#young
      this.#young = emptied
    }
    this.#young.put(high, low, number, timeUs)
  }

  #findIn(table: IdTable, high: number, low: number): number {
    const slot = table.slotOf(high, low)
    const number = table.numberAt(slot)
    if (number !== 0) this.foundUs = table.timeUsAt(slot)
    return number
  }
}
