import type { Answer } from '#consumer/ask-console.ts'
import type { Pausable } from '#consumer/pausable.ts'

/** A consumer that could not be paused or resumed is tried again after this. */
const TRY_AGAIN_MS = 1_000

export interface KeptState {
  readonly state: 'running' | 'pausing' | 'paused'
  readonly leaseId: string | null
  readonly inFlight: number | null
  /** Why the consumer does not do what was asked. */
  readonly problem: string | null
}

export interface KeeperEvents {
  /** The pause ended by its own clock: the console did not say so. */
  readonly onExpired: () => void
  /** Something changed that the console should hear of now. */
  readonly onChanged: () => void
}

/** Keeps one consumer to the last order, until the order's own end, whether or not the console can be reached. */
export class LeaseKeeper {
  readonly #pausable: Pausable
  readonly #events: KeeperEvents
  #lease: { readonly id: string; readonly endsAt: number } | null = null
  /** The pause that the consumer is in; null while it takes messages. */
  #applied: string | null = null
  #problem: string | null = null
  #work: Promise<void> = Promise.resolve()
  #expiry: ReturnType<typeof setTimeout> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #isReleased = false

  constructor(pausable: Pausable, events: KeeperEvents) {
    this.#pausable = pausable
    this.#events = events
    pausable.onForgotten?.(() => {
      if (this.#lease !== null) void this.#reconcile(true).then(events.onChanged)
    })
  }

  /** Takes an order over; resolves when it was carried out or tried. */
  heed(order: Answer['lease']): Promise<void> {
    if (this.#isReleased) return this.#work
    clearTimeout(this.#expiry)
    this.#lease = order === null ? null : { id: order.id, endsAt: performance.now() + order.remainingMs }
    if (order !== null) this.#arm(order.remainingMs)
    return this.#reconcile()
  }

  state(): KeptState {
    const inFlight = this.#pausable.inFlight?.() ?? null
    const problem = this.#problem
    if (this.#applied === null) return { state: 'running', leaseId: null, inFlight, problem }
    return { state: (inFlight ?? 0) > 0 ? 'pausing' : 'paused', leaseId: this.#applied, inFlight, problem }
  }

  /** Lets the consumer run and stops every clock. */
  async release(): Promise<void> {
    this.#isReleased = true
    clearTimeout(this.#expiry)
    this.#lease = null
    await this.#reconcile()
    clearTimeout(this.#retry)
  }

  /** One at a time, each by the order of its own moment. */
  #reconcile(isForgotten = false): Promise<void> {
    this.#work = this.#work.then(() => this.#carryOut(isForgotten))
    return this.#work
  }

  async #carryOut(isForgotten: boolean): Promise<void> {
    clearTimeout(this.#retry)
    const wanted = this.#lease?.id ?? null
    const isDone = wanted === null ? this.#applied === null : this.#applied !== null && !isForgotten
    try {
      if (!isDone && wanted !== null) await this.#pausable.pause()
      if (!isDone && wanted === null) await this.#pausable.resume()
      this.#applied = wanted
      this.#problem = null
    } catch (error) {
      this.#problem =
        String(error instanceof Error ? error.message : error).slice(0, 300) || 'it failed without a reason'
      if (!this.#isReleased) this.#retry = setTimeout(() => void this.#reconcile(), TRY_AGAIN_MS)
    }
  }

  #arm(leftMs: number): void {
    clearTimeout(this.#expiry)
    this.#expiry = setTimeout(() => this.#expire(), Math.ceil(leftMs))
  }

  /** By a clock that does not jump. */
  #expire(): void {
    if (this.#lease === null) return
    const leftMs = this.#lease.endsAt - performance.now()
    // Timers may fire early; the clock decides.
    if (leftMs > 0) return this.#arm(leftMs)
    this.#lease = null
    void this.#reconcile().then(() => {
      this.#events.onExpired()
      this.#events.onChanged()
    })
  }
}
