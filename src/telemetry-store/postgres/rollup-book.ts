import type pg from 'pg'
import { addDuration, type DurationSketch, sketchToPairs } from '#domain/trace/duration-sketch.ts'
import { dayNumber, dayText } from '#telemetry-store/postgres/copy-row.ts'
import { LEAST_MARKED_DWELL_US, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { RecentMap } from '#telemetry-store/postgres/recent-map.ts'
import type { RollupFact } from '#telemetry-store/postgres/staged-spans.ts'

export const BUCKET_SECONDS = 10
const GENERATION_SIZE = 100_000

/** A hop that waited long, or was not the first attempt. */
interface HopMark {
  readonly kind: number
  /** Microseconds, or the number of the attempt. */
  readonly value: number
  readonly atUs: number
  readonly traceId: string
  readonly flowKey: string | null
}

interface RollupTally {
  readonly bucketS: number
  readonly destination: string
  readonly consumerGroup: string | null
  readonly service: string
  sent: number
  received: number
  errors: number
  readonly dwell: DurationSketch
  readonly processing: DurationSketch
}

/**
 * Ten-second sums of what happened on destinations, kept in memory and written every second or so. It hears of committed
 * spans only; a crash costs the last second of the charts, never a span. Dwell is known when both halves of a hop came by
 * within the last minutes, in whatever order.
 */
export class RollupBook {
  #tallies = new Map<string, RollupTally>()
  #marks: HopMark[] = []
  /** How often a message was taken, by its sender and who takes it. */
  readonly #attempts = new RecentMap<number>()
  readonly #sentUs = new RecentMap<number>()
  readonly #waiting = new RecentMap<readonly RollupFact[]>()
  /** Service and destination pairs that make process spans: their receive spans are not deliveries of their own. */
  readonly #processing = new Set<string>()

  add(facts: readonly RollupFact[]): void {
    for (const fact of facts) {
      if (fact.isSent) this.#addSent(fact)
      else this.#addReceived(fact)
    }
  }

  #addSent(fact: RollupFact): void {
    const tally = this.#tallyAt(fact)
    tally.sent += 1
    if (fact.isError) tally.errors += 1
    this.#sentUs.set(fact.spanId, fact.atUs)
    for (const receiver of this.#waiting.take(fact.spanId) ?? []) this.#addDwell(receiver, fact.atUs)
  }

  #addDwell(receiver: RollupFact, sentUs: number): void {
    const dwellUs = receiver.atUs - sentUs
    addDuration(this.#tallyAt(receiver).dwell, dwellUs)
    if (dwellUs >= LEAST_MARKED_DWELL_US) this.#mark(MARK.waited, dwellUs, receiver)
  }

  #addAttempt(receiver: RollupFact, sender: string): void {
    const taker = `${sender}${receiver.service}\0${receiver.consumerGroup ?? ''}\0${receiver.destination}`
    const attempt = (this.#attempts.find(taker) ?? 0) + 1
    this.#attempts.set(taker, attempt)
    if (attempt > 1) this.#mark(MARK.attempt, attempt, receiver)
  }

  #mark(kind: number, value: number, { atUs, traceId, flowKey }: RollupFact): void {
    if (this.#marks.length < GENERATION_SIZE) this.#marks.push({ kind, value, atUs, traceId, flowKey })
  }

  #addReceived(fact: RollupFact): void {
    const pair = `${fact.service}\0${fact.destination}`
    if (fact.isProcess) {
      if (this.#processing.size < GENERATION_SIZE) this.#processing.add(pair)
    } else if (this.#processing.has(pair)) return
    const tally = this.#tallyAt(fact)
    tally.received += Math.max(1, fact.senders.length)
    if (fact.isError) tally.errors += 1
    if (fact.isProcess) addDuration(tally.processing, fact.durationUs)
    for (const sender of fact.senders) {
      const sentUs = this.#sentUs.find(sender)
      if (fact.isProcess) this.#addAttempt(fact, sender)
      if (sentUs === undefined) this.#waiting.set(sender, [...(this.#waiting.find(sender) ?? []).slice(0, 15), fact])
      else this.#addDwell(fact, sentUs)
    }
  }

  #tallyAt(fact: RollupFact): RollupTally {
    const bucketS = Math.floor(fact.atUs / 1_000_000 / BUCKET_SECONDS) * BUCKET_SECONDS
    const key = `${bucketS}\0${fact.destination}\0${fact.consumerGroup ?? ''}\0${fact.service}`
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    const { destination, consumerGroup, service } = fact
    const empty = { sent: 0, received: 0, errors: 0, dwell: new Map(), processing: new Map() }
    const made: RollupTally = { bucketS, destination, consumerGroup, service, ...empty }
    this.#tallies.set(key, made)
    return made
  }

  /** Writes what has gathered since the last time. When that fails it is kept for the next time. */
  async flush(pool: pg.Pool, nowMs: number): Promise<void> {
    if (this.#tallies.size === 0) return
    const taken = this.#tallies
    const marks = this.#marks
    this.#tallies = new Map()
    this.#marks = []
    try {
      const day = dayText(dayNumber(nowMs))
      // Marks first: those that are written twice are the same mark.
      await insertMarks(pool, marks, day)
      await insertTallies(pool, [...taken.values()], day)
    } catch (error) {
      if (this.#marks.length < GENERATION_SIZE) this.#marks.push(...marks)
      // Rows of one bucket add up when read: what gathered meanwhile may stay in rows of its own.
      for (const [key, tally] of this.#tallies) taken.set(`${key}\0later${nowMs}`, tally)
      if (taken.size <= GENERATION_SIZE) this.#tallies = taken
      throw error
    }
  }
}

async function insertTallies(pool: pg.Pool, tallies: readonly RollupTally[], day: string): Promise<void> {
  const pairs = (sketch: DurationSketch) => `{${sketchToPairs(sketch).join(',')}}`
  await pool.query(
    `insert into rollup (bucket_s, destination, consumer_group, service, sent_count, received_count, error_count, dwell, processing, ingest_day)
     select bucket_s, destination, consumer_group, service, sent, received, errors, dwell::int[], processing::int[], $10::date
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[], $8::text[], $9::text[])
       as new (bucket_s, destination, consumer_group, service, sent, received, errors, dwell, processing)`,
    [
      tallies.map((tally) => tally.bucketS),
      tallies.map((tally) => tally.destination),
      tallies.map((tally) => tally.consumerGroup),
      tallies.map((tally) => tally.service),
      tallies.map((tally) => tally.sent),
      tallies.map((tally) => tally.received),
      tallies.map((tally) => tally.errors),
      tallies.map((tally) => pairs(tally.dwell)),
      tallies.map((tally) => pairs(tally.processing)),
      day,
    ],
  )
}

async function insertMarks(pool: pg.Pool, marks: readonly HopMark[], day: string): Promise<void> {
  if (marks.length === 0) return
  await pool.query(
    `insert into flow_mark (kind, value, at_us, trace_id, flow_key, ingest_day)
     select kind, value, at_us, trace_id, flow_key, $6::date
     from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[]) as new (kind, value, at_us, trace_id, flow_key)`,
    [
      marks.map((mark) => mark.kind),
      marks.map((mark) => Math.round(mark.value)),
      marks.map((mark) => mark.atUs),
      marks.map((mark) => (mark.flowKey === null ? mark.traceId : null)),
      marks.map((mark) => mark.flowKey),
      day,
    ],
  )
}
