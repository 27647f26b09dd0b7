import type { DatabaseClient } from '#db/client.ts'
import { findUnmatched, judgeUnmatched, type Unmatched } from '#collector/stuck/judge-halves.ts'
import { type ReaderBook, readerKey } from '#collector/stuck/reader-book.ts'
import { addLaneHistory } from '#db/store/destination-reader-store.ts'
import {
  countOpenStuck,
  type NewStuckDelivery,
  readDeadlines,
  readSweptTo,
  saveStuck,
  saveSweptTo,
} from '#db/store/stuck-store.ts'
import type { DestinationReader } from '#domain/flow/destination-reader.ts'
import { MIN_EXPECTED_MS } from '#domain/flow/expected-dwell.ts'
import type { DeliveryVerdict } from '#domain/flow/judge-delivery.ts'
import {
  readSendDetails,
  readSentHalves,
  type SendDetail,
  type SentHalf,
} from '#telemetry-store/postgres/read-sent-halves.ts'

/** What one sweep may read of messages at once, and how much of them in time. */
const CHUNK_SIZE = 5_000
const WINDOW_US = 10_000_000
/** A sweep that takes longer goes on with the next one. */
const BUDGET_MS = 3_000
/** Older messages are not looked for: after a pause of the collector, and when there are more than can be read. */
const REACH_BACK_US = 600_000_000
/** Messages of one group that have a row each; the rest is counted. */
const MAX_ROWS_OF_GROUP = 50

export interface Sweep {
  readonly client: Pick<DatabaseClient, 'pool' | 'database'>
  readonly book: ReaderBook
  readonly nowMs: number
  readonly signal: AbortSignal
}

export interface SweepResult {
  /** Messages looked at. */
  readonly halfCount: number
  readonly unmatchedCount: number
  /** Whether the budget ended the sweep before it was done. */
  readonly isCut: boolean
  /** Microseconds of messages that were passed over, because they were too many to be read in time. */
  readonly skippedUs: number
}

/**
 * Looks at every message whose time to be taken has passed since the last sweep, and writes down those that a group was
 * not seen taking, with the verdict. What was swept is remembered in the database, so that another collector goes on.
 */
export async function sweepStuck(sweep: Sweep): Promise<SweepResult> {
  const { database } = sweep.client
  const startedAt = performance.now()
  const [deadlines, swept, open] = await Promise.all([
    readDeadlines(database),
    readSweptTo(database),
    countOpenStuck(database),
  ])
  const rowCounts = new Map(open.map((one) => [readerKey(one.clusterId, one.group, one.readFrom), one.count]))
  const result = { halfCount: 0, unmatchedCount: 0, isCut: false, skippedUs: 0 }
  for (const [expectedMs, due] of readersByDeadline(sweep.book, deadlines)) {
    const dueUs = (sweep.nowMs - expectedMs) * 1_000
    const from = swept.get(expectedMs) ?? dueUs - REACH_BACK_US
    let fromUs = Math.max(from, dueUs - REACH_BACK_US)
    result.skippedUs += fromUs - from
    const sentTo = new Set(due.flatMap((reader) => reader.sentTo))
    const destinations = sweep.book.sentTo.filter((name) => sentTo.has(name))
    while (fromUs < dueUs) {
      sweep.signal.throwIfAborted()
      if (performance.now() - startedAt > BUDGET_MS) return { ...result, isCut: true }
      const toUs = Math.min(dueUs, fromUs + WINDOW_US)
      const { halves, reachedUs } = await readSentHalves(sweep.client.pool, {
        destinations,
        fromUs,
        toUs,
        limit: CHUNK_SIZE,
      })
      const unmatched = findUnmatched(halves, due, sweep.book)
      await saveStuck(database, await judgeAll(unmatched, sweep, expectedMs, rowCounts))
      await saveSweptTo(database, expectedMs, reachedUs)
      fromUs = Math.max(reachedUs, fromUs + 1)
      result.halfCount += halves.length
      result.unmatchedCount += unmatched.length
    }
  }
  return result
}

function readersByDeadline(
  { readers }: ReaderBook,
  deadlines: ReadonlyMap<string, number>,
): ReadonlyMap<number, readonly DestinationReader[]> {
  return Map.groupBy(
    readers.filter(({ isExempt }) => !isExempt),
    ({ destination, group }) => deadlines.get(JSON.stringify([destination, group])) ?? MIN_EXPECTED_MS,
  )
}

async function judgeAll(
  unmatched: readonly Unmatched[],
  { client, book, nowMs }: Sweep,
  expectedMs: number,
  rowCounts: Map<string, number>,
): Promise<readonly NewStuckDelivery[]> {
  if (unmatched.length === 0) return []
  const halves = [...new Set(unmatched.map(({ half }) => half))]
  const details = new Map<SentHalf, SendDetail>()
  for (const [index, detail] of (await readSendDetails(client.pool, halves)).entries()) {
    const half = halves[index]
    if (half !== undefined) details.set(half, detail)
  }
  const witnesses = await withHistory(unmatched, client, nowMs)
  const rows = new Map<string, NewStuckDelivery>()
  for (const one of unmatched) {
    const detail = details.get(one.half)
    const reader = witnesses.get(one.reader)
    if (detail === undefined || reader === undefined) continue
    const verdict = judgeUnmatched({ ...one, reader }, detail, book, nowMs)
    if (verdict === null) continue
    const key = readerKey(reader.clusterId, reader.group, reader.destination)
    const count = rowCounts.get(key) ?? 0
    rowCounts.set(key, count + 1)
    const row = rowOf({ ...one, reader }, detail, verdict, expectedMs, count >= MAX_ROWS_OF_GROUP)
    const known = rows.get(`${key}${row.subject}`)
    rows.set(`${key}${row.subject}`, known === undefined ? row : addUp(known, row))
  }
  return [...rows.values()]
}

/** The readers in question with their positions around the time of the messages. */
async function withHistory(
  unmatched: readonly Unmatched[],
  { database }: Sweep['client'],
  nowMs: number,
): Promise<ReadonlyMap<DestinationReader, DestinationReader>> {
  const readers = [...new Set(unmatched.map(({ reader }) => reader))]
  const times = unmatched.map(({ half }) => half.sentUs / 1_000)
  const window = { fromMs: Math.min(...times), toMs: Math.max(...times) }
  const found = await addLaneHistory(database, readers, () => window, nowMs)
  return new Map(readers.map((reader, index) => [reader, found[index] ?? reader]))
}

function rowOf(
  { half, reader }: Unmatched,
  detail: SendDetail,
  verdict: DeliveryVerdict,
  expectedMs: number,
  isCounted: boolean,
): NewStuckDelivery {
  const kind = verdict.kind === 'taken' ? 'not-seen' : verdict.kind
  const sentAt = new Date(half.sentUs / 1_000)
  return {
    clusterId: reader.clusterId ?? '',
    groupName: reader.group,
    readFrom: reader.destination,
    destination: half.destination,
    subject: isCounted ? `more:${kind}` : `${half.traceId}:${half.spanId}`,
    system: half.system,
    senderService: half.service,
    flowKey: detail.flowKey,
    traceId: half.traceId,
    spanId: half.spanId,
    messageHash: half.messageHash,
    positionHash: half.positionHash,
    lane: isCounted ? null : detail.lane,
    position: isCounted ? null : detail.position,
    verdict: kind,
    sentence: isCounted
      ? `more messages like the ${MAX_ROWS_OF_GROUP} that are listed; counted, not listed`
      : verdict.sentence,
    advice: verdict.advice,
    messageCount: 1,
    expectedMs,
    sentAt,
    newestSentAt: sentAt,
  }
}

const addUp = (sum: NewStuckDelivery, row: NewStuckDelivery): NewStuckDelivery => ({
  ...sum,
  messageCount: sum.messageCount + row.messageCount,
  sentAt: sum.sentAt < row.sentAt ? sum.sentAt : row.sentAt,
  newestSentAt: sum.newestSentAt > row.newestSentAt ? sum.newestSentAt : row.newestSentAt,
})
