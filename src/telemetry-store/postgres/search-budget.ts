/** How long one request of a search may go on: work is begun only while it is not spent. */
export class SearchBudget {
  readonly #endsAt: number
  readonly #signal: AbortSignal | undefined

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    this.#endsAt = performance.now() + milliseconds
    this.#signal = signal
  }

  isSpent(): boolean {
    return this.#signal?.aborted === true || performance.now() >= this.#endsAt
  }
}
