import { randomUUID } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type pg from 'pg'
import type { CorrelationInForce } from '#collector/correlation/watch-correlation-rules.ts'
import type { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import { RepeatFilter, type Repeats } from '#collector/ingest/repeats.ts'
import { walkTraces } from '#collector/ingest/walk-traces.ts'
import {
  HoldBook,
  type HeldRequest,
  type SamplingRule,
  type Settlement,
  type Verdict,
} from '#collector/ingest/sampling/hold-book.ts'
import type { CorrelationRules } from '#domain/trace/correlation-rule.ts'
import { Failure } from '#domain/failure.ts'
import type { Log } from '#log.ts'
import type { DecodeReport, SpanSink } from '#otlp/span-sink.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { FlowScout, type UnitFacts, unitOf } from '#telemetry-store/postgres/flow-scout.ts'
import {
  addDrops,
  claimRequests,
  insertRequest,
  readKnownUnits,
  type SamplingCount,
  type StoredRequest,
  updateRequest,
} from '#telemetry-store/postgres/sampling-rows.ts'
import type { StagedOutcome } from '#telemetry-store/postgres/span-batch-writer.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import type { OwnSpan } from '#telemetry-store/telemetry-store.ts'

const MAX_BODY_BYTES = 64 * 1024 * 1024
/** Memory that the notes about one waiting unit of one request take, by measure. */
const BYTES_PER_UNIT = 300
const SETTLE_EVERY_MS = 1_000
const CLAIM_EVERY_MS = 15_000
const UNITS_PER_LOOK = 5_000

export interface Taken {
  readonly report: DecodeReport
  readonly outcome: StagedOutcome
}

export interface Sampler {
  /** Stores the spans of flows that are kept, and lets those of undecided ones wait; resolves when all that is durable. */
  take(body: Buffer, isJson: boolean, rules: CorrelationRules): Promise<Taken>
  /** Keeps the flows that an operation of ours touches. */
  keepOwn(spans: readonly OwnSpan[]): void
  /** Decides what is due; runs by itself every second. */
  settle(nowMs: number): Promise<void>
  readonly heldBytes: number
  close(): Promise<void>
}

const inflate = (body: Buffer): Buffer => zstdDecompressSync(body, { maxOutputLength: MAX_BODY_BYTES })

/** Keeps whole flows or drops whole flows. What waits is in the database before it is acknowledged. */
export async function openSampler(options: {
  readonly pool: pg.Pool
  readonly queue: IngestQueue
  readonly repeats: Repeats
  readonly rule: SamplingRule
  readonly correlation: CorrelationInForce
  readonly log: Log
}): Promise<Sampler> {
  const sampling = new Sampling(options)
  await sampling.claim()
  return sampling
}

class Sampling implements Sampler {
  readonly #pool: pg.Pool
  readonly #queue: IngestQueue
  readonly #repeats: Repeats
  readonly #rule: SamplingRule
  readonly #correlation: CorrelationInForce
  readonly #log: Log
  readonly #book: HoldBook
  readonly #holder = randomUUID()
  readonly #timers: readonly NodeJS.Timeout[]
  #settling: Promise<void> = Promise.resolve()
  #wasWhole = true

  constructor(options: Parameters<typeof openSampler>[0]) {
    this.#correlation = options.correlation
    this.#pool = options.pool
    this.#queue = options.queue
    this.#repeats = options.repeats
    this.#rule = options.rule
    this.#log = options.log
    this.#book = new HoldBook(options.rule)
    const warn = (error: unknown) => this.#log.warn({ err: error }, 'sampling waits')
    this.#timers = [
      setInterval(() => void this.settle(Date.now()).catch(warn), SETTLE_EVERY_MS),
      setInterval(() => void this.claim().catch(warn), CLAIM_EVERY_MS),
    ]
  }

  get heldBytes(): number {
    return this.#book.heldBytes
  }

  keepOwn(spans: readonly OwnSpan[]): void {
    this.#book.keep(
      spans.flatMap((span) => [
        unitOf(span.traceId, null),
        ...(span.correlationId === null ? [] : [unitOf(span.traceId, span.correlationId)]),
        ...span.links.map(({ traceId }) => unitOf(traceId, null)),
      ]),
    )
  }

  async take(body: Buffer, isJson: boolean, rules: CorrelationRules): Promise<Taken> {
    if (this.#book.heldBytes > 2 * this.#rule.maxHeldBytes)
      throw new Failure('limit', 'too many undecided flows wait', { retryable: true })
    const { scout, report, filter, endTurn, optimist } = await this.#scout(body, isJson, rules)
    let request: HeldRequest | null = null
    try {
      this.#book.follow(scout)
      this.#book.learn(await readKnownUnits(this.#pool, this.#book.unknownUnits(scout)))
      // From here to the submission nothing waits: no other request comes between the verdict and what follows from it.
      const nowMs = Date.now()
      const verdicts = this.#book.judge(scout)
      request = this.#hold(scout, verdicts, { body, isJson, rules, filter, nowMs })
      const isWhole = scout.units.size > 0 && [...verdicts.values()].every((verdict) => verdict === 'kept')
      const staged =
        isWhole && optimist !== null ? optimist : this.#stageKept(body, isJson, { rules, filter, verdicts, nowMs })
      if (staged !== optimist) optimist?.release()
      this.#wasWhole = isWhole
      staged.nameRequest(body)
      const dropped = [...scout.units.values()].filter(({ unit }) => verdicts.get(unit) === 'dropped')
      if (request !== null || dropped.length > 0)
        staged.alongside = (client) => this.#writeArrival(client, request, dropped, nowMs)
      staged.samplingCounts = countArrival(scout, verdicts, nowMs)
      const written = this.#queue.submit(staged)
      endTurn()
      const outcome = await written
      if (request !== null && outcome.isDuplicate) this.#book.forget(request)
      else if (request !== null) request.isCommitted = true
      return { report, outcome }
    } catch (error) {
      if (request !== null) this.#book.forget(request)
      throw error
    } finally {
      endTurn()
    }
  }

  /**
   * Reads what the request holds; what was stored before is left out, also when the request is walked again. When the last
   * request was kept whole this one may be too: its rows are made at once then.
   */
  async #scout(body: Buffer, isJson: boolean, rules: CorrelationRules) {
    const scout = new FlowScout(rules)
    const optimist = this.#wasWhole ? new StagedSpans(dayNumber(Date.now()), rules) : null
    if (optimist !== null) optimist.scout = scout
    const report = walkTraces(body, isJson, optimist ?? scout)
    const familiar = this.#repeats.note(scout.spanIds)
    if (familiar.length === 0) {
      const filter = (sink: SpanSink): SpanSink => sink
      return { scout, report, filter, endTurn: this.#queue.announce(), optimist }
    }
    optimist?.release()
    const endTurn = await this.#repeats.takeTurn()
    const stored = await this.#repeats.findStored(familiar).catch((error: unknown) => {
      endTurn()
      throw error
    })
    const filter = (sink: SpanSink): SpanSink => new RepeatFilter(sink, familiar, stored)
    const fresh = new FlowScout(rules)
    walkTraces(body, isJson, filter(fresh))
    return { scout: fresh, report, filter, endTurn, optimist: null }
  }

  #stageKept(
    body: Buffer,
    isJson: boolean,
    {
      rules,
      filter,
      verdicts,
      nowMs,
    }: Pick<HeldRequest, 'rules' | 'filter'> & {
      readonly verdicts: ReadonlyMap<string, Verdict>
      readonly nowMs: number
    },
  ): StagedSpans {
    const staged = new StagedSpans(dayNumber(nowMs), rules, {
      keeps: (traceId, key) => verdicts.get(unitOf(traceId, key)) === 'kept',
      isCountedBefore: false,
    })
    walkTraces(body, isJson, filter(staged))
    return staged
  }

  #hold(
    scout: FlowScout,
    verdicts: ReadonlyMap<string, Verdict>,
    sent: Pick<HeldRequest, 'body' | 'isJson' | 'rules' | 'filter'> & { readonly nowMs: number },
  ): HeldRequest | null {
    const held = [...scout.units.values()].filter(({ unit }) => verdicts.get(unit) === 'held')
    if (held.length === 0) return null
    const body = zstdCompressSync(sent.body)
    const request: HeldRequest = {
      id: randomUUID(),
      body,
      filter: sent.filter,
      byteCount: body.length + held.length * BYTES_PER_UNIT,
      isJson: sent.isJson,
      rules: sent.rules,
      receivedMs: sent.nowMs,
      pending: new Map(held.map((facts) => [facts.unit, facts.byDestination])),
      isCommitted: false,
    }
    this.#book.hold(request, scout)
    return request
  }

  async #writeArrival(
    client: pg.ClientBase,
    request: HeldRequest | null,
    dropped: readonly UnitFacts[],
    nowMs: number,
  ): Promise<void> {
    if (request !== null)
      await insertRequest(client, { ...request, pending: [...request.pending.keys()] }, this.#holder)
    await addDrops(client, dropped, dayNumber(nowMs))
  }

  settle(nowMs: number): Promise<void> {
    const settling = this.#settling.then(() => this.#settleNow(nowMs))
    this.#settling = settling.catch(() => undefined)
    return settling
  }

  async #settleNow(nowMs: number): Promise<void> {
    const due = this.#book.findDue(nowMs).slice(0, UNITS_PER_LOOK)
    // Another collector may have kept what waits here.
    this.#book.learn(await readKnownUnits(this.#pool, due))
    this.#book.decide(due, nowMs)
    for (const settlement of this.#book.findSettled()) await this.#settleRequest(settlement, nowMs)
  }

  /** Stores what is kept of a request and counts what is dropped, in one transaction. */
  async #settleRequest(settlement: Settlement, nowMs: number): Promise<void> {
    const { request, kept, dropped } = settlement
    const day = dayNumber(nowMs)
    const staged = new StagedSpans(day, request.rules, {
      keeps: (traceId, key) => kept.has(unitOf(traceId, key)),
      isCountedBefore: true,
    })
    if (kept.size > 0) walkTraces(inflate(request.body), request.isJson, request.filter(staged))
    const remaining = [...request.pending.keys()].filter((unit) => !kept.has(unit) && !dropped.has(unit))
    const counts = new Counts(request.receivedMs)
    for (const unit of kept) counts.add('kept', request.pending.get(unit))
    for (const unit of dropped) counts.add('dropped', request.pending.get(unit))
    const drops = [...dropped].map((unit) => ({
      unit,
      spanCount: [...(request.pending.get(unit)?.values() ?? [])].reduce((sum, count) => sum + count, 0),
      firstUs: this.#book.firstUsOf(unit) ?? request.receivedMs * 1_000,
    }))
    staged.samplingCounts = counts.rows()
    staged.alongside = async (client) => {
      await updateRequest(client, request.id, remaining, this.#holder)
      await addDrops(client, drops, day)
    }
    try {
      await this.#queue.submit(staged)
    } catch (error) {
      if (error instanceof Failure && error.cause instanceof Failure && error.cause.code === 'conflict')
        this.#book.forget(request)
      throw error
    }
    this.#book.close(settlement)
  }

  /** Goes on with what waits at collectors that are no more. */
  async claim(): Promise<void> {
    for (const stored of await claimRequests(this.#pool, this.#holder))
      if (!this.#book.has(stored.id)) this.#resume(stored)
  }

  #resume(stored: StoredRequest): void {
    const scout = new FlowScout(this.#correlation.rules)
    walkTraces(inflate(stored.body), stored.isJson, scout)
    this.#book.follow(scout)
    this.#book.judge(scout)
    const pending = new Map(stored.pending.map((unit) => [unit, scout.units.get(unit)?.byDestination ?? new Map()]))
    const byteCount = stored.body.length + pending.size * BYTES_PER_UNIT
    const filter = (sink: SpanSink): SpanSink => sink
    this.#book.hold({ ...stored, filter, rules: this.#correlation.rules, pending, byteCount, isCommitted: true }, scout)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#settling
  }
}

function countArrival(
  scout: FlowScout,
  verdicts: ReadonlyMap<string, Verdict>,
  nowMs: number,
): readonly SamplingCount[] {
  const counts = new Counts(nowMs)
  for (const facts of scout.units.values()) {
    counts.add('received', facts.byDestination)
    const verdict = verdicts.get(facts.unit)
    if (verdict === 'kept' || verdict === 'dropped') counts.add(verdict, facts.byDestination)
  }
  return counts.rows()
}

/** What happened to spans that came in at one time, by destination. */
class Counts {
  readonly #hourS: number
  readonly #rows = new Map<string, { -readonly [Name in keyof SamplingCount]: SamplingCount[Name] }>()

  constructor(receivedMs: number) {
    this.#hourS = Math.floor(receivedMs / 3_600_000) * 3_600
  }

  add(what: 'received' | 'kept' | 'dropped', byDestination: ReadonlyMap<string, number> | undefined): void {
    for (const [destination, count] of byDestination ?? []) {
      let row = this.#rows.get(destination)
      if (row === undefined) {
        row = { hourS: this.#hourS, destination, received: 0, kept: 0, dropped: 0 }
        this.#rows.set(destination, row)
      }
      row[what] += count
    }
  }

  rows(): readonly SamplingCount[] {
    return [...this.#rows.values()]
  }
}
