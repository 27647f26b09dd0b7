import type pg from 'pg'
import type { ByteWriter } from '#otlp/byte-writer.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { arrayOfPlain } from '#telemetry-store/postgres/array-literal.ts'
import { COPY_HEADER, COPY_TRAILER, dayText } from '#telemetry-store/postgres/copy-row.ts'
import { DictionaryRows } from '#telemetry-store/postgres/dictionary-rows.ts'
import {
  insertAliases,
  moveOutgrown,
  readTraceKeys,
  selectTraceKeys,
  upsertFlows,
  upsertMembers,
} from '#telemetry-store/postgres/flow-statements.ts'
import { mergeFlows, unfamiliarTraces } from '#telemetry-store/postgres/merge-flows.ts'
import { type BurstCopy, type BurstPart, type BurstStatement, sendBurst } from '#telemetry-store/postgres/send-burst.ts'
import { COPY_MARKS } from '#telemetry-store/postgres/flow-mark.ts'
import { COPY_EVENTS } from '#telemetry-store/postgres/message-event-row.ts'
import { RollupBook } from '#telemetry-store/postgres/rollup-book.ts'
import { COPY_LINKS, COPY_SPANS } from '#telemetry-store/postgres/span-row.ts'
import { addCounts } from '#telemetry-store/postgres/sampling-rows.ts'
import type { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { withClient } from '#telemetry-store/postgres/transact.ts'
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
        const outcomes = await this.#transact(units, null)
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
    copyApart: ((client: pg.ClientBase, unit: StagedSpans) => Promise<number>) | null,
  ): Promise<readonly StagedOutcome[]> {
    const strays = this.#strays.splice(0)
    try {
      const written = await withClient(this.#pool, async (client) => {
        const fresh = await this.#begin(client, units)
        let refused = 0
        if (copyApart !== null) for (const unit of fresh) refused += await copyApart(client, unit)
        const spans = copyApart === null ? [copyOf(COPY_SPANS, [...fresh], (unit) => unit.spans)] : []
        const rows = this.#describeRows([...fresh], spans, strays)
        await commitRows(client, rows.parts, [...fresh])
        return { fresh, refused, learn: rows.learn }
      })
      // Only what is committed is known.
      written.learn()
      return units.map((unit) => ({ isDuplicate: !written.fresh.has(unit), refusedRowCount: written.refused }))
    } catch (error) {
      this.#strays.push(...strays)
      throw error
    }
  }

  /** Begins, learns what the batch needs to know, and gives the requests of it that were not committed before. */
  async #begin(client: pg.ClientBase, units: readonly StagedSpans[]): Promise<ReadonlySet<StagedSpans>> {
    const unfamiliar = unfamiliarTraces(units, this.#keys)
    const { fresh, byDigest } = tellApart(units)
    const [, taken = [], known = []] = await sendBurst(client, [
      BEGIN,
      takeDigests([...byDigest.keys()]),
      ...(unfamiliar.length === 0 ? [] : [selectTraceKeys(unfamiliar)]),
    ])
    for (const [digest] of taken) {
      const unit = byDigest.get(digest ?? '')
      if (unit !== undefined) fresh.add(unit)
    }
    for (const { traceId, key } of readTraceKeys(known)) this.#keys.add(traceId, key)
    return fresh
  }

  /** What the batch says of spans, messages and flows; `learn` once it is committed. */
  #describeRows(
    units: readonly StagedSpans[],
    spans: readonly BurstCopy[],
    strays: readonly string[],
  ): { readonly parts: readonly BurstPart[]; readonly learn: () => void } {
    const day = dayText(Math.max(0, ...units.map((unit) => unit.day)))
    const dictionary = this.#dictionary.describe(units)
    const merge = mergeFlows(units, this.#keys, strays)
    const copies = [
      ...spans,
      copyOf(COPY_LINKS, units, (unit) => unit.links),
      copyOf(COPY_EVENTS, units, (unit) => unit.events),
      copyOf(COPY_MARKS, units, (unit) => unit.marks.rows),
    ]
    const parts = [
      ...copies.filter(({ chunks }) => chunks.length > EMPTY_COPY_CHUNKS),
      ...dictionary.statements,
      ...upsertMembers(merge.members.values(), day),
      ...moveOutgrown(merge.outgrown, day),
      ...upsertFlows(merge.flows, merge.fallbacks, day),
      ...insertAliases(new Map(units.flatMap((unit) => [...unit.aliases])), day),
    ]
    const learn = (): void => {
      for (const traceId of merge.fallbacks) if (this.#keys.find(traceId) !== traceId) this.#strays.push(traceId)
      dictionary.remember()
    }
    return { parts, learn }
  }
}

/** Writes the rows and what goes alongside them, adds to the counts, commits: at once where nothing has to wait. */
async function commitRows(
  client: pg.ClientBase,
  rows: readonly BurstPart[],
  units: readonly StagedSpans[],
): Promise<void> {
  const alongside = units.flatMap((unit) => unit.alongside ?? [])
  if (alongside.length > 0) await sendBurst(client, rows)
  for (const write of alongside) await write(client)
  const counts = addCounts(units.flatMap((unit) => unit.samplingCounts))
  await sendBurst(client, [...(alongside.length > 0 ? [] : rows), ...counts, COMMIT])
}

const isMissingPartition = (error: unknown): boolean =>
  codeOf(error) === '23514' && error instanceof Error && error.message.startsWith('no partition')

const unavailable = (error: unknown): Failure =>
  new Failure('internal', `telemetry is not stored: ${toFailure(error).message}`, { retryable: true, cause: error })

const BEGIN: BurstStatement = { name: 'telemetry-begin', text: 'begin', values: [] }
const COMMIT: BurstStatement = { name: 'telemetry-commit', text: 'commit', values: [] }

/** Requests without a name are always new; of those that have one, the first of each. */
function tellApart(units: readonly StagedSpans[]): {
  readonly fresh: Set<StagedSpans>
  readonly byDigest: ReadonlyMap<string, StagedSpans>
} {
  const byDigest = new Map<string, StagedSpans>()
  const fresh = new Set<StagedSpans>()
  for (const unit of units) {
    const digest = unit.digest?.toString('hex')
    if (digest === undefined) fresh.add(unit)
    else if (!byDigest.has(digest)) byDigest.set(digest, unit)
  }
  return { fresh, byDigest }
}

/** Gives those that were not taken before. They are part of the transaction. */
const takeDigests = (digests: readonly string[]): BurstStatement => ({
  name: 'telemetry-take-digests',
  text: `insert into telemetry_request (digest) select unnest($1::uuid[]) on conflict do nothing
         returning replace(digest::text, '-', '')`,
  values: [arrayOfPlain(digests.toSorted())],
})

const copyOf = (text: string, units: readonly StagedSpans[], pick: (unit: StagedSpans) => ByteWriter): BurstCopy => {
  const filled = units.map(pick).filter((rows) => rows.length > 0)
  return { text, chunks: [COPY_HEADER, ...filled.map((rows) => rows.written()), COPY_TRAILER] }
}

/** The header and the trailer. */
const EMPTY_COPY_CHUNKS = 2

/** Copies the rows of one request in ever smaller parts, leaving out those that are refused; gives their number. */
const copyRowsApart = (client: pg.ClientBase, unit: StagedSpans): Promise<number> =>
  unit.rowCount === 0 ? Promise.resolve(0) : copyRange(client, unit, 0, unit.rowCount)

async function copyRange(client: pg.ClientBase, unit: StagedSpans, first: number, end: number): Promise<number> {
  const begin = first === 0 ? 0 : (unit.spanEnds[first - 1] ?? 0)
  await client.query('savepoint part')
  try {
    const rows = unit.spans.bytes.subarray(begin, unit.spanEnds[end - 1] ?? begin)
    await sendBurst(client, [{ text: COPY_SPANS, chunks: [COPY_HEADER, rows, COPY_TRAILER] }])
    return 0
  } catch (error) {
    if (!isDataError(codeOf(error))) throw error
    await client.query('rollback to savepoint part')
    if (end - first === 1) return 1
    const middle = (first + end) >> 1
    return (await copyRange(client, unit, first, middle)) + (await copyRange(client, unit, middle, end))
  }
}
