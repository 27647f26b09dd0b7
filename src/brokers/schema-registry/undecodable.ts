/**
 * Bytes that their schema does not describe. `reason` is one clause that many messages share, `detail` says where in this
 * one, and what was found.
 */
export class Undecodable extends Error {
  readonly reason: string
  readonly detail: string | null
  readonly #fact: string | null
  readonly #place: string

  constructor(reason: string, fact: string | null = null, place = '') {
    const detail = place === '' ? fact : fact === null ? `in ${place}` : `in ${place}: ${fact}`
    super(detail === null ? reason : `${reason} (${detail})`)
    this.name = 'Undecodable'
    this.reason = reason
    this.detail = detail
    this.#fact = fact
    this.#place = place
  }

  /** The same, seen from one level above: `total` of `lines[]`. */
  within(name: string): Undecodable {
    const isDotted = this.#place !== '' && !this.#place.startsWith('[')
    return new Undecodable(this.reason, this.#fact, `${name}${isDotted ? '.' : ''}${this.#place}`)
  }
}
