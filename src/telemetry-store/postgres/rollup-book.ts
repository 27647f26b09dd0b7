import type pg from 'pg'
import { addDuration } from '#domain/trace/duration-sketch.ts'
import { dayNumber, dayText } from '#telemetry-store/postgres/copy-row.ts'
import { LEAST_MARKED_DWELL_US, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { insertRollups, isEmptyRollup, type Rollup } from '#telemetry-store/postgres/insert-rollups.ts'
import { RecentIds, wordOfId } from '#telemetry-store/postgres/recent-ids.ts'
import { RollupParties, type RollupParty, SenderNames, UNKNOWN_SENDER } from '#telemetry-store/postgres/rollup-party.ts'
import { FINE_WIDTH_S } from '#telemetry-store/postgres/rollup-share.ts'
import type { RollupFact } from '#telemetry-store/postgres/staged-spans.ts'
import { type WaitingReceipt, WaitingReceipts } from '#telemetry-store/postgres/waiting-receipts.ts'

const MAX_KEPT = 100_000
const MAX_ATTEMPTS = 65_535
const SENDERS_PER_PARTY = 65_536

/** A hop that waited long, or was not the first attempt. */
interface HopMark {
  readonly kind: number
  /** Microseconds, or the number of the attempt. */
  readonly value: number
  readonly atUs: number
  readonly traceId: string
  readonly flowKey: string | null
}

/**
 * Ten-second sums of what happened between producers, destinations and consumers, kept in memory and written every second
 * or so. It hears of committed spans only; a crash costs the last second of the charts, never a span. Who produced what
 * was received, and how long it waited, is known when both halves of a hop came by within the last minutes, in whatever
 * order: a receipt counts at once, as of an unknown producer, and is moved to the producer when he turns up.
 */
export class RollupBook {
  /** By bucket, then by party and sender. */
  #tallies = new Map<number, Map<number, Rollup>>()
  /** Sums that could not be written. Rows of one bucket add up when read: they stay rows of their own. */
  #unwritten: Rollup[] = []
  #marks: HopMark[] = []
  readonly #parties = new RollupParties()
  readonly #senders = new SenderNames()
  /** How often a message was taken, by its sender and who takes it. */
  readonly #attempts = new RecentIds({ hasTimes: false })
  /** When and by whom something was sent. */
  readonly #sent = new RecentIds({ hasTimes: true })
  readonly #waiting = new WaitingReceipts()

  add(facts: readonly RollupFact[]): void {
    for (const fact of facts) {
      if (fact.isSent) this.#addSent(fact)
      else this.#addReceived(fact)
    }
  }

  #addSent(fact: RollupFact): void {
    const tally = this.#tallyAt(this.#parties.of(fact), UNKNOWN_SENDER, fact.atUs)
    tally.sent += 1
    if (fact.isError) tally.errors += 1
    const sender = this.#senders.numberOf(fact.service)
    const high = wordOfId(fact.spanId, 0)
    const low = wordOfId(fact.spanId, 4)
    this.#sent.note(high, low, sender, fact.atUs)
    for (const receipt of this.#waiting.take(high, low)) {
      this.#addDwell(receipt, sender, receipt.atUs - fact.atUs)
      this.#moveReceipt(receipt, sender)
    }
  }

  #addDwell(receipt: WaitingReceipt, sender: number, dwellUs: number): void {
    addDuration(this.#tallyAt(receipt.party, sender, receipt.atUs).dwell, dwellUs)
    if (dwellUs >= LEAST_MARKED_DWELL_US) this.#mark(MARK.waited, dwellUs, receipt)
  }

  /** What was counted as of an unknown producer counts as of this one, in the bucket in which it was received. */
  #moveReceipt({ party, atUs, durationUs, isError, isProcess, isAlone }: WaitingReceipt, sender: number): void {
    if (sender === UNKNOWN_SENDER) return
    const from = this.#tallyAt(party, UNKNOWN_SENDER, atUs)
    const to = this.#tallyAt(party, sender, atUs)
    from.received -= 1
    to.received += 1
    if (!isAlone) return
    if (isError) {
      from.errors -= 1
      to.errors += 1
    }
    if (!isProcess) return
    addDuration(from.processing, durationUs, -1)
    addDuration(to.processing, durationUs)
  }

  #addAttempt(receipt: WaitingReceipt, high: number, low: number): void {
    const { party } = receipt
    const attempt = Math.min(MAX_ATTEMPTS, this.#attempts.find(high ^ party.high, low ^ party.low) + 1)
    this.#attempts.note(high ^ party.high, low ^ party.low, attempt)
    if (attempt > 1) this.#mark(MARK.attempt, attempt, receipt)
  }

  #mark(kind: number, value: number, { atUs, traceId, flowKey }: WaitingReceipt): void {
    if (this.#marks.length < MAX_KEPT) this.#marks.push({ kind, value, atUs, traceId, flowKey })
  }

  #addReceived(fact: RollupFact): void {
    const party = this.#parties.of(fact)
    if (fact.isProcess) party.presence.isProcessing = true
    else if (party.presence.isProcessing) return
    const { atUs, durationUs, isError, isProcess, traceId, flowKey, senders } = fact
    const receipt = { party, atUs, durationUs, isError, isProcess, isAlone: senders.length === 1, traceId, flowKey }
    let common = senders.length === 0 ? UNKNOWN_SENDER : 0
    for (const id of senders) {
      const sender = this.#addMessage(receipt, wordOfId(id, 0), wordOfId(id, 4))
      common = common === 0 || common === sender ? sender : UNKNOWN_SENDER
    }
    // What is said of a span with messages of several producers is said of none of them alone.
    const tally = this.#tallyAt(party, common, atUs)
    if (senders.length === 0) tally.received += 1
    if (isError) tally.errors += 1
    if (isProcess) addDuration(tally.processing, durationUs)
  }

  /** Counts one message of a span; gives the number of who produced it. */
  #addMessage(receipt: WaitingReceipt, high: number, low: number): number {
    if (receipt.isProcess) this.#addAttempt(receipt, high, low)
    const sender = this.#sent.find(high, low)
    if (sender === 0) this.#waiting.add(high, low, receipt)
    else this.#addDwell(receipt, sender, receipt.atUs - this.#sent.foundUs)
    this.#tallyAt(receipt.party, sender || UNKNOWN_SENDER, receipt.atUs).received += 1
    return sender || UNKNOWN_SENDER
  }

  #tallyAt(party: RollupParty, sender: number, atUs: number): Rollup {
    const bucketS = Math.floor(atUs / 1_000_000 / FINE_WIDTH_S) * FINE_WIDTH_S
    let bucket = this.#tallies.get(bucketS)
    if (bucket === undefined) {
      bucket = new Map()
      this.#tallies.set(bucketS, bucket)
    }
    const key = party.number * SENDERS_PER_PARTY + sender
    const known = bucket.get(key)
    if (known !== undefined) return known
    const { destination, consumerGroup, service } = party
    const empty = { sent: 0, received: 0, errors: 0, dwell: new Map(), processing: new Map() }
    const fromService = this.#senders.nameOf(sender)
    const made: Rollup = { bucketS, destination, consumerGroup, service, fromService, ...empty }
    bucket.set(key, made)
    return made
  }

  /** Writes what has gathered since the last time. When that fails it is kept for the next time. */
  async flush(pool: pg.Pool, nowMs: number): Promise<void> {
    if (this.#tallies.size === 0 && this.#unwritten.length === 0) return
    const gathered = [...this.#tallies.values()].flatMap((bucket) => [...bucket.values()])
    const rollups = [...this.#unwritten, ...gathered.filter((rollup) => !isEmptyRollup(rollup))]
    const marks = this.#marks
    this.#tallies = new Map()
    this.#unwritten = []
    this.#marks = []
    try {
      const day = dayText(dayNumber(nowMs))
      // Marks first: those that are written twice are the same mark.
      await insertMarks(pool, marks, day)
      await insertRollups(pool, rollups, { day, widthS: FINE_WIDTH_S, level: 0 })
    } catch (error) {
      if (this.#marks.length < MAX_KEPT) this.#marks.push(...marks)
      if (this.#unwritten.length + rollups.length <= MAX_KEPT) this.#unwritten.push(...rollups)
      throw error
    }
  }
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
