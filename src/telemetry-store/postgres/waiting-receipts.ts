import { hashWords } from '#telemetry-store/postgres/recent-ids.ts'
import type { RollupParty } from '#telemetry-store/postgres/rollup-party.ts'

const FIRST_CAPACITY = 1_024
const MAX_CAPACITY = 131_072
/** More groups than these do not wait for one sender: a broken client names one and the same for everything. */
const MAX_PER_SENDER = 16
const NOTHING: readonly WaitingReceipt[] = []

const ERROR = 1
const PROCESS = 2
const ALONE = 4

/** A message that was taken, while nobody has told yet who sent it. */
export interface WaitingReceipt {
  readonly party: RollupParty
  readonly atUs: number
  readonly durationUs: number
  readonly isError: boolean
  readonly isProcess: boolean
  /** The only message of its span: what is said of the span is said of it. */
  readonly isAlone: boolean
  /** 32 hex digits. */
  readonly traceId: string
  readonly flowKey: string | null
}

/**
 * The newest 131,072 receipts whose sender is not known yet, by his span id; the oldest are forgotten. Flat arrays and
 * chains of indices in them: at most 9 MB beside the flow keys, where nobody who sends is traced.
 */
export class WaitingReceipts {
  #capacity = FIRST_CAPACITY
  /** Per hash the newest entry plus 1; per entry the next of its chain plus 1. */
  #heads = new Int32Array(FIRST_CAPACITY * 2)
  #nexts = new Int32Array(FIRST_CAPACITY)
  #words = new Int32Array(FIRST_CAPACITY * 2)
  #timesUs = new Float64Array(FIRST_CAPACITY * 2)
  #flags = new Uint8Array(FIRST_CAPACITY)
  #traceIds = Buffer.alloc(FIRST_CAPACITY * 16)
  /** undefined = the entry is free. */
  #parties: (RollupParty | undefined)[] = []
  #flowKeys: (string | null)[] = []
  #cursor = 0
  #size = 0

  add(high: number, low: number, receipt: WaitingReceipt): void {
    const head = this.#headOf(high, low)
    let waiting = 0
    for (let link = this.#heads[head] ?? 0; link !== 0; link = this.#nexts[link - 1] ?? 0)
      if (this.#isOf(link - 1, high, low)) waiting += 1
    if (waiting < MAX_PER_SENDER) this.#fill(this.#claim(), high, low, receipt)
  }

  /** Those that wait for this sender, the newest first; they wait no longer. */
  take(high: number, low: number): readonly WaitingReceipt[] {
    let taken: WaitingReceipt[] | null = null
    let link = this.#heads[this.#headOf(high, low)] ?? 0
    while (link !== 0) {
      const entry = link - 1
      link = this.#nexts[entry] ?? 0
      if (!this.#isOf(entry, high, low)) continue
      const receipt = this.#read(entry)
      if (receipt !== null) (taken ??= []).push(receipt)
      this.#free(entry)
    }
    return taken ?? NOTHING
  }

  #headOf(high: number, low: number): number {
    return hashWords(high, low) & (this.#heads.length - 1)
  }

  #isOf(entry: number, high: number, low: number): boolean {
    return this.#words[entry * 2] === high && this.#words[entry * 2 + 1] === low
  }

  /** A free entry: the next one, given up by what stood there. */
  #claim(): number {
    if (this.#cursor === this.#capacity) {
      if (this.#capacity < MAX_CAPACITY && this.#size > this.#capacity / 2) this.#grow()
      else this.#cursor = 0
    }
    const entry = this.#cursor
    this.#cursor += 1
    if (this.#parties[entry] !== undefined) this.#free(entry)
    return entry
  }

  #fill(entry: number, high: number, low: number, receipt: WaitingReceipt): void {
    this.#words[entry * 2] = high
    this.#words[entry * 2 + 1] = low
    this.#timesUs[entry * 2] = receipt.atUs
    this.#timesUs[entry * 2 + 1] = receipt.durationUs
    this.#flags[entry] =
      (receipt.isError ? ERROR : 0) | (receipt.isProcess ? PROCESS : 0) | (receipt.isAlone ? ALONE : 0)
    if (receipt.flowKey === null) this.#traceIds.write(receipt.traceId, entry * 16, 'hex')
    this.#flowKeys[entry] = receipt.flowKey
    this.#parties[entry] = receipt.party
    this.#link(entry)
    this.#size += 1
  }

  #link(entry: number): void {
    const head = this.#headOf(this.#words[entry * 2] ?? 0, this.#words[entry * 2 + 1] ?? 0)
    this.#nexts[entry] = this.#heads[head] ?? 0
    this.#heads[head] = entry + 1
  }

  #read(entry: number): WaitingReceipt | null {
    const party = this.#parties[entry]
    if (party === undefined) return null
    const flags = this.#flags[entry] ?? 0
    const flowKey = this.#flowKeys[entry] ?? null
    return {
      party,
      atUs: this.#timesUs[entry * 2] ?? 0,
      durationUs: this.#timesUs[entry * 2 + 1] ?? 0,
      isError: (flags & ERROR) !== 0,
      isProcess: (flags & PROCESS) !== 0,
      isAlone: (flags & ALONE) !== 0,
      traceId: flowKey === null ? this.#traceIds.toString('hex', entry * 16, entry * 16 + 16) : '',
      flowKey,
    }
  }

  #free(entry: number): void {
    const head = this.#headOf(this.#words[entry * 2] ?? 0, this.#words[entry * 2 + 1] ?? 0)
    const after = this.#nexts[entry] ?? 0
    let link = this.#heads[head] ?? 0
    if (link === entry + 1) this.#heads[head] = after
    else {
      while (link !== 0 && this.#nexts[link - 1] !== entry + 1) link = this.#nexts[link - 1] ?? 0
      if (link !== 0) this.#nexts[link - 1] = after
    }
    this.#parties[entry] = undefined
    this.#flowKeys[entry] = null
    this.#size -= 1
  }

  /** Called when every entry was used in turn: those after the old capacity are free. */
  #grow(): void {
    const capacity = this.#capacity * 2
    this.#nexts = new Int32Array(capacity)
    this.#heads = new Int32Array(capacity * 2)
    this.#words = widen(this.#words, new Int32Array(capacity * 2))
    this.#timesUs = widen(this.#timesUs, new Float64Array(capacity * 2))
    this.#flags = widen(this.#flags, new Uint8Array(capacity))
    this.#traceIds = widen(this.#traceIds, Buffer.alloc(capacity * 16))
    for (let entry = 0; entry < this.#capacity; entry += 1) if (this.#parties[entry] !== undefined) this.#link(entry)
    this.#capacity = capacity
  }
}

function widen<Column extends Int32Array | Float64Array | Uint8Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
