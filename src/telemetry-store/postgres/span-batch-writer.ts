import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { Failure, toFailure } from '#domain/failure.ts'
import { COPY_HEADER, COPY_TRAILER } from '#telemetry-store/postgres/copy-row.ts'
import { DictionaryRows } from '#telemetry-store/postgres/dictionary-rows.ts'
import { mergeFlows } from '#telemetry-store/postgres/merge-flows.ts'
import { COPY_MARKS } from '#telemetry-store/postgres/flow-mark.ts'
import { COPY_EVENTS } from '#telemetry-store/postgres/message-event-row.ts'
import { RollupBook } from '#telemetry-store/postgres/rollup-book.ts'
import { COPY_LINKS, COPY_SPANS } from '#telemetry-store/postgres/span-row.ts'
import { addCounts } from '#telemetry-store/postgres/sampling-rows.ts'
import type { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { transact } from '#telemetry-store/postgres/transact.ts'
import { TraceKeys } from '#telemetry-store/postgres/trace-keys.ts'

/** What became of one request of a batch: committed (perhaps long ago), less the rows that the database refused. */
export interface StagedOutcome {
  readonly isDuplicate: boolean
  readonly refusedRowCount: number
}

/** SQL states that say: this row, not the server or the moment. */
const isDataError = (code: string): boolean => /^(?:22|23|54)/.test(code)
const isCollision = (code: string): boolean => code === '40P01' || code === '40001'
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Writes batches of staged requests: each batch in one transaction, all of it or nothing. */
export class SpanBatchWriter {
  readonly #pool: pg.Pool
  readonly #keys = new TraceKeys()
  readonly #rollups = new RollupBook()
  /** Traces that got a key while their first row, under the trace id, was being written by the other connection. */
  readonly #strays: string[] = []
  readonly #dictionary = new DictionaryRows()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /**
   * Commits a batch; the outcomes are in its order. A row that Postgres refuses costs itself, not the batch.
   * @throws Failure, retryable, when the database cannot take it now: nothing of the batch is acknowledged then.
   */
  async write(units: readonly StagedSpans[]): Promise<readonly StagedOutcome[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const outcomes = await this.#transact(units, copyRows)
        this.#addRollups(units, outcomes)
        return outcomes
      } catch (error) {
        const code = codeOf(error)
        if (attempt > 5) throw unavailable(error)
        if (isMissingPartition(error)) await ensurePartitions(this.#pool, Date.now())
        else if (isDataError(code)) return this.#writeApart(units)
        else if (!isCollision(code)) throw unavailable(error)
      }
    }
  }

  /** Writes the sums for the charts. */
  flushRollups(nowMs: number): Promise<void> {
    return this.#rollups.flush(this.#pool, nowMs)
  }

  /** Halves the batch until the request with the bad row is alone, then its rows. */
  async #writeApart(units: readonly StagedSpans[]): Promise<readonly StagedOutcome[]> {
    if (units.length > 1) {
      const middle = units.length >> 1
      return [...(await this.write(units.slice(0, middle))), ...(await this.write(units.slice(middle)))]
    }
    try {
      const outcomes = await this.#transact(units, copyRowsApart)
      this.#addRollups(units, outcomes)
      return outcomes
    } catch (error) {
      if (!isDataError(codeOf(error))) throw unavailable(error)
      return units.map((unit) => ({ isDuplicate: false, refusedRowCount: unit.rowCount }))
    }
  }

  #addRollups(units: readonly StagedSpans[], outcomes: readonly StagedOutcome[]): void {
    for (const [index, unit] of units.entries())
      if (outcomes[index]?.isDuplicate === false) this.#rollups.add(unit.rollupFacts)
  }

  async #transact(
    units: readonly StagedSpans[],
    copySpans: (client: pg.ClientBase, units: readonly StagedSpans[]) => Promise<number>,
  ): Promise<readonly StagedOutcome[]> {
    const written = await transact(this.#pool, async (client) => {
      const fresh = await takeFresh(client, units)
      if (fresh.size === 0) return { fresh, refused: 0, learn: () => undefined }
      const kept = [...fresh]
      const refused = await copySpans(client, kept)
      await copyInto(
        client,
        COPY_LINKS,
        kept.map((unit) => unit.links.written()),
      )
      await copyInto(
        client,
        COPY_EVENTS,
        kept.map((unit) => unit.events.written()),
      )
      await copyInto(
        client,
        COPY_MARKS,
        kept.map((unit) => unit.marks.rows.written()),
      )
      const rememberRows = await this.#dictionary.insert(client, kept)
      const strays = this.#strays.splice(0)
      const fallbacks = await mergeFlows(client, kept, this.#keys, strays)
      for (const unit of kept) await unit.alongside?.(client)
      await addCounts(
        client,
        kept.flatMap((unit) => unit.samplingCounts),
      )
      const learn = (): void => {
        for (const traceId of fallbacks) if (this.#keys.find(traceId) !== traceId) this.#strays.push(traceId)
        rememberRows()
      }
      return { fresh, refused, learn }
    })
    // Only what is committed is known.
    written.learn()
    return units.map((unit) => ({ isDuplicate: !written.fresh.has(unit), refusedRowCount: written.refused }))
  }
}

const isMissingPartition = (error: unknown): boolean =>
  codeOf(error) === '23514' && error instanceof Error && error.message.startsWith('no partition')

const unavailable = (error: unknown): Failure =>
  new Failure('internal', `telemetry is not stored: ${toFailure(error).message}`, { retryable: true, cause: error })

/** Those of the batch that were not committed before. Their digests are part of the transaction. */
async function takeFresh(client: pg.ClientBase, units: readonly StagedSpans[]): Promise<ReadonlySet<StagedSpans>> {
  const byDigest = new Map<string, StagedSpans>()
  const fresh = new Set<StagedSpans>()
  for (const unit of units) {
    const digest = unit.digest?.toString('hex')
    if (digest === undefined) fresh.add(unit)
    else if (!byDigest.has(digest)) byDigest.set(digest, unit)
  }
  if (byDigest.size === 0) return fresh
  const taken = await client.query<{ digest: string }>({
    name: 'telemetry-take-fresh',
    text: `insert into telemetry_request (digest) select unnest($1::uuid[]) on conflict do nothing
           returning replace(digest::text, '-', '') as digest`,
    values: [[...byDigest.keys()].toSorted()],
  })
  for (const { digest } of taken.rows) {
    const unit = byDigest.get(digest)
    if (unit !== undefined) fresh.add(unit)
  }
  return fresh
}

async function copyInto(client: pg.ClientBase, statement: string, chunks: readonly Buffer[]): Promise<void> {
  const filled = chunks.filter((chunk) => chunk.length > 0)
  if (filled.length === 0) return
  const stream = client.query(copyFrom(statement))
  const done = finished(stream)
  stream.write(COPY_HEADER)
  for (const chunk of filled) stream.write(chunk)
  stream.end(COPY_TRAILER)
  await done
}

async function copyRows(client: pg.ClientBase, units: readonly StagedSpans[]): Promise<number> {
  await copyInto(
    client,
    COPY_SPANS,
    units.map((unit) => unit.spans.written()),
  )
  return 0
}

/** Copies the rows of one request in ever smaller parts, leaving out those that are refused; gives their number. */
async function copyRowsApart(client: pg.ClientBase, units: readonly StagedSpans[]): Promise<number> {
  const [unit] = units
  return unit === undefined || unit.rowCount === 0 ? 0 : copyRange(client, unit, 0, unit.rowCount)
}

async function copyRange(client: pg.ClientBase, unit: StagedSpans, first: number, end: number): Promise<number> {
  const begin = first === 0 ? 0 : (unit.spanEnds[first - 1] ?? 0)
  await client.query('savepoint part')
  try {
    await copyInto(client, COPY_SPANS, [unit.spans.bytes.subarray(begin, unit.spanEnds[end - 1] ?? begin)])
    return 0
  } catch (error) {
    if (!isDataError(codeOf(error))) throw error
    await client.query('rollback to savepoint part')
    if (end - first === 1) return 1
    const middle = (first + end) >> 1
    return (await copyRange(client, unit, first, middle)) + (await copyRange(client, unit, middle, end))
  }
}
