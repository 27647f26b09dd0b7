import type pg from 'pg'
import type { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import type { SpanDraft } from '#otlp/span-draft.ts'
import type { SpanOrigin, SpanSink } from '#otlp/span-sink.ts'

/** Trace id and span id. */
const ID_BYTES = 24
/** 16 MB: the spans of the last minutes at full speed, of the last hours at a usual one. */
const SLOTS = 1 << 22

/**
 * Finds spans that were stored before, in another request: an exporter that did not hear our answer may put them into a
 * new batch. Remembers a fingerprint of the last four million spans; what looks familiar is asked of the database.
 */
export class Repeats {
  readonly #pool: pg.Pool
  readonly #queue: IngestQueue
  #lastTurn: Promise<void> = Promise.resolve()
  readonly #fingerprints = new Uint32Array(SLOTS)

  constructor(pool: pg.Pool, queue: IngestQueue) {
    this.#pool = pool
    this.#queue = queue
  }

  /** Notes spans (24 bytes each: trace id, span id) and gives those that look familiar, as hex; nearly always none. */
  note(ids: Buffer): readonly string[] {
    const familiar: string[] = []
    for (let at = 0; at + ID_BYTES <= ids.length; at += ID_BYTES) {
      let slot = 0
      let print = 0x9e3779b9
      for (let word = at; word < at + ID_BYTES; word += 4) {
        const bits = ids.readUInt32LE(word)
        slot = Math.imul(slot ^ bits, 0x85ebca6b)
        slot ^= slot >>> 15
        print = Math.imul(print ^ bits, 0xc2b2ae35)
        print ^= print >>> 13
      }
      const place = slot & (SLOTS - 1)
      // 0 stands for an empty slot.
      const fingerprint = print >>> 0 || 1
      if (this.#fingerprints[place] === fingerprint) familiar.push(ids.toString('hex', at, at + ID_BYTES))
      else this.#fingerprints[place] = fingerprint
    }
    return familiar
  }

  /**
   * Waits until every other request with familiar spans has submitted its own, so that two of them do not both store what
   * neither found. Call what it gives once this one has submitted, or has given up.
   */
  async takeTurn(): Promise<() => void> {
    const before = this.#lastTurn
    let endTurn: () => void = () => undefined
    this.#lastTurn = new Promise((resolve) => {
      endTurn = resolve
    })
    await before
    return endTurn
  }

  /** Those of them that are stored, once everything is written that was on its way. */
  async findStored(ids: readonly string[]): Promise<ReadonlySet<string>> {
    await this.#queue.whenWritten()
    const found = await this.#pool.query<{ id: string }>({
      name: 'ingest-find-stored',
      text: `select replace(trace_id::text, '-', '') || encode(span_id, 'hex') as id from span
             where trace_id = any($1::uuid[]) and span_id = any($2::bytea[])`,
      values: [[...new Set(ids.map((id) => id.slice(0, 32)))], ids.map((id) => Buffer.from(id.slice(32), 'hex'))],
    })
    return new Set(found.rows.map(({ id }) => id))
  }
}

/** Passes on what is not stored yet, and of what the request itself holds twice the first. */
export class RepeatFilter implements SpanSink {
  readonly #sink: SpanSink
  readonly #familiar: ReadonlySet<string>
  readonly #passed: Set<string>

  constructor(sink: SpanSink, familiar: readonly string[], stored: ReadonlySet<string>) {
    this.#sink = sink
    this.#familiar = new Set(familiar)
    this.#passed = new Set(stored)
  }

  beginOrigin(origin: SpanOrigin): void {
    this.#sink.beginOrigin(origin)
  }

  acceptSpan(draft: SpanDraft): void {
    const id = draft.ids.toString('hex', 0, ID_BYTES)
    if (this.#familiar.has(id)) {
      if (this.#passed.has(id)) return
      this.#passed.add(id)
    }
    this.#sink.acceptSpan(draft)
  }
}
