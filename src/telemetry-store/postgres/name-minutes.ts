import { hashOfMark, type MARK } from '#telemetry-store/postgres/flow-mark.ts'

export const MINUTE_US = 60_000_000

type NameKind = typeof MARK.service | typeof MARK.destination | typeof MARK.consumerGroup

/** In which minutes the spans of one request name whom. */
export class NameMinutes {
  readonly #minutes = new Map<NameKind, Map<string, Set<number>>>()
  readonly #last = new Map<NameKind, { name: string; minute: number }>()

  add(kind: NameKind, name: string, atUs: number): void {
    const minute = Math.floor(atUs / MINUTE_US)
    // Spans of one service come in a row.
    const last = this.#last.get(kind)
    if (last?.name === name && last.minute === minute) return
    this.#last.set(kind, { name, minute })
    let byName = this.#minutes.get(kind)
    if (byName === undefined) this.#minutes.set(kind, (byName = new Map()))
    const minutes = byName.get(name)
    if (minutes === undefined) byName.set(name, new Set([minute]))
    else minutes.add(minute)
  }

  *entries(): Generator<NameMinute> {
    for (const [kind, byName] of this.#minutes)
      for (const [name, minutes] of byName)
        for (const minute of minutes) yield { id: `${kind}\0${minute}\0${name}`, kind, name, minute }
  }
}

interface NameMinute {
  readonly id: string
  readonly kind: number
  readonly name: string
  readonly minute: number
}

/** A posting that says of a minute that somebody or something was named in it. */
export interface NamePosting {
  readonly id: string
  readonly kind: number
  readonly value: string
  readonly atUs: number
}

/** Forgets all when full: a posting that is written twice is only a waste. */
const MOST_KNOWN = 200_000

/** The names that were posted on a day, so that each is posted once a minute and not with every batch. */
export class PostedNames {
  #day = -1
  #known = new Set<string>()

  /** What is to be posted with a batch. Postings go with the day on which they were made, like the flows they are of. */
  unposted(units: readonly { readonly names: NameMinutes }[], day: number): readonly NamePosting[] {
    if (day !== this.#day || this.#known.size > MOST_KNOWN) {
      this.#day = day
      this.#known = new Set()
    }
    const fresh = new Map<string, NamePosting>()
    for (const unit of units) {
      for (const { id, kind, name, minute } of unit.names.entries()) {
        if (this.#known.has(id) || fresh.has(id)) continue
        fresh.set(id, { id, kind, value: hashOfMark(name), atUs: minute * MINUTE_US })
      }
    }
    return [...fresh.values()]
  }

  /** Once they are committed. */
  learn(postings: readonly NamePosting[]): void {
    for (const { id } of postings) this.#known.add(id)
  }
}
