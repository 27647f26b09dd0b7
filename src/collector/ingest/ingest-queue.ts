import { Failure } from '#domain/failure.ts'
import type { SpanBatchWriter, StagedOutcome } from '#telemetry-store/postgres/span-batch-writer.ts'
import type { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'

interface Entry {
  readonly staged: StagedSpans
  readonly resolve: (outcome: StagedOutcome) => void
  readonly reject: (failure: unknown) => void
}

/** Two connections keep Postgres busy while a batch is being filled; a third gains nothing on the same disk. */
const LANES = 2
const FULL_BATCH_ROWS = 2_500
const MAX_BATCH_ROWS = 6_000
/** How long the first request of a small batch waits for company. */
const LINGER_MS = 15

/**
 * Gathers requests into batches and lets each know when its rows are committed. Bounded in bytes: what does not fit is
 * refused, so that senders keep it and come back.
 */
export class IngestQueue {
  readonly #writer: SpanBatchWriter
  readonly #maxBytes: number
  #waiting: Entry[] = []
  readonly #unwritten = new Set<Promise<unknown>>()
  #waitingRows = 0
  #heldBytes = 0
  #busyLanes = 0
  #timer: NodeJS.Timeout | null = null
  #idle: (() => void)[] = []

  constructor(writer: SpanBatchWriter, maxBytes: number) {
    this.#writer = writer
    this.#maxBytes = maxBytes
  }

  /** Bodies that are being read count as well. @throws Failure `limit`, retryable, when there is no room. */
  hold(bytes: number): void {
    if (this.#heldBytes + bytes > this.#maxBytes)
      throw new Failure('limit', 'the ingest queue is full', { retryable: true, details: { maxBytes: this.#maxBytes } })
    this.#heldBytes += bytes
  }

  free(bytes: number): void {
    this.#heldBytes -= bytes
  }

  /** Resolves when the rows are committed. Takes the staged rows over, also when it refuses them. */
  async submit(staged: StagedSpans): Promise<StagedOutcome> {
    const bytes = staged.byteCount
    try {
      this.hold(bytes)
    } catch (error) {
      staged.release()
      throw error
    }
    const written = new Promise<StagedOutcome>((resolve, reject) => {
      this.#waiting.push({ staged, resolve, reject })
      this.#waitingRows += staged.rowCount
      this.#schedule()
    }).finally(() => {
      this.#unwritten.delete(written)
      this.free(bytes)
      staged.release()
    })
    this.#unwritten.add(written)
    return written
  }

  /** Counts something as on its way that will be submitted a little later; call what it gives when it is. */
  announce(): () => void {
    let arrive: () => void = () => undefined
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    this.#unwritten.add(arrived)
    return () => {
      this.#unwritten.delete(arrived)
      arrive()
    }
  }

  /** Resolves when everything that was submitted until now is written, or has failed. */
  async whenWritten(): Promise<void> {
    // What was only announced has become something else by then.
    await Promise.allSettled(this.#unwritten)
    await Promise.allSettled(this.#unwritten)
  }

  /** Resolves when nothing waits and nothing is being written. */
  async drain(): Promise<void> {
    if (this.#busyLanes === 0 && this.#waiting.length === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#waiting.length === 0 || this.#busyLanes >= LANES) return
    if (this.#waitingRows >= FULL_BATCH_ROWS) this.#startLane()
    else this.#timer ??= setTimeout(() => this.#startLane(), LINGER_MS)
  }

  #startLane(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const batch = this.#takeBatch()
    if (batch.length === 0) return
    this.#busyLanes += 1
    void this.#writeBatch(batch).finally(() => {
      this.#busyLanes -= 1
      this.#schedule()
      if (this.#busyLanes === 0 && this.#waiting.length === 0) for (const wake of this.#idle.splice(0)) wake()
    })
  }

  #takeBatch(): readonly Entry[] {
    if (this.#busyLanes >= LANES) return []
    let rows = 0
    let count = 0
    for (const { staged } of this.#waiting) {
      if (count > 0 && rows + staged.rowCount > MAX_BATCH_ROWS) break
      rows += staged.rowCount
      count += 1
    }
    this.#waitingRows -= rows
    return this.#waiting.splice(0, count)
  }

  async #writeBatch(batch: readonly Entry[]): Promise<void> {
    try {
      const outcomes = await this.#writer.write(batch.map((entry) => entry.staged))
      for (const [index, entry] of batch.entries())
        entry.resolve(outcomes[index] ?? { isDuplicate: false, refusedRowCount: 0 })
    } catch (error) {
      for (const entry of batch) entry.reject(error)
    }
  }
}
