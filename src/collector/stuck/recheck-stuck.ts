import { isTakenBy, judgeUnmatched } from '#collector/stuck/judge-halves.ts'
import { type ReaderBook, readerKey } from '#collector/stuck/reader-book.ts'
import type { Sweep } from '#collector/stuck/sweep-stuck.ts'
import { addLaneHistory } from '#db/store/destination-reader-store.ts'
import { type OpenStuckDelivery, renewStuck, type StuckRenewal } from '#db/store/stuck-store.ts'
import type { DestinationReader } from '#domain/flow/destination-reader.ts'
import { printDuration } from '#domain/lag/print-lag.ts'
import { readTakersOf, type Taker } from '#telemetry-store/postgres/read-sent-halves.ts'

/** What was passed is not going to be taken; it stays in sight for this long. */
const SHOW_PASSED_MS = 3_600_000
/** Nobody waits for a message for longer. */
const GIVE_UP_MS = 3 * 86_400_000
/** A count that has not grown for this long is over. */
const QUIET_MS = 600_000

/** Looks at open rows again: who was taken meanwhile is resolved, the verdicts of the others are renewed. */
export async function recheckStuck(sweep: Sweep, rows: readonly OpenStuckDelivery[]): Promise<number> {
  if (rows.length === 0) return 0
  const { client, book, nowMs } = sweep
  const takers = await readTakersOf(client.pool, rows)
  const readers = await readersOfRows(sweep, rows)
  const renewals = rows.map((row, index) => {
    const reader = readers.get(readerKey(row.clusterId, row.groupName, row.readFrom)) ?? null
    return row.subject.startsWith('more:')
      ? renewCount(row, reader, nowMs)
      : renewMessage(row, reader, takers[index] ?? [], book, nowMs)
  })
  await renewStuck(client.database, renewals)
  return renewals.filter(({ resolution }) => resolution !== null).length
}

async function readersOfRows(
  { client, book, nowMs }: Sweep,
  rows: readonly OpenStuckDelivery[],
): Promise<ReadonlyMap<string, DestinationReader>> {
  const rowsByReader = Map.groupBy(rows, (row) => readerKey(row.clusterId, row.groupName, row.readFrom))
  const keyOf = ({ clusterId, group, destination }: DestinationReader) => readerKey(clusterId, group, destination)
  const concerned = book.readers.filter((reader) => rowsByReader.has(keyOf(reader)))
  const found = await addLaneHistory(
    client.database,
    concerned,
    (reader) => {
      const times = (rowsByReader.get(keyOf(reader)) ?? []).map(({ sentAt }) => sentAt.getTime())
      return times.length === 0 ? null : { fromMs: Math.min(...times), toMs: Math.max(...times) }
    },
    nowMs,
  )
  return new Map(found.map((reader) => [keyOf(reader), reader]))
}

const unchanged = (row: OpenStuckDelivery): StuckRenewal => ({
  id: row.id,
  verdict: row.verdict,
  sentence: row.sentence,
  advice: row.advice,
  messageCount: row.messageCount,
  sinceMs: null,
  resolution: null,
})

function renewMessage(
  row: OpenStuckDelivery,
  reader: DestinationReader | null,
  takers: readonly Taker[],
  book: ReaderBook,
  nowMs: number,
): StuckRenewal {
  const same = unchanged(row)
  if (reader === null) return { ...same, resolution: 'the group does not read there any more' }
  if (isTakenBy(reader, takers, book)) return { ...same, resolution: 'taken' }
  const ageMs = nowMs - row.sentAt.getTime()
  if (ageMs > GIVE_UP_MS) return { ...same, resolution: `not seen for ${printDuration(GIVE_UP_MS)}` }
  const half = {
    ...row,
    sentUs: row.sentAt.getTime() * 1_000,
    service: row.senderService,
    takers,
  }
  const place = { isWrapper: false, batchCount: null, lane: row.lane, position: row.position }
  const verdict = judgeUnmatched({ half, reader, unattributedServices: [] }, place, book, nowMs)
  if (verdict === null || verdict.kind === 'taken') return same
  const isOver = verdict.kind === 'passed' && ageMs > SHOW_PASSED_MS
  return {
    ...same,
    verdict: verdict.kind,
    sentence: verdict.sentence,
    advice: verdict.advice,
    resolution: isOver ? 'passed, not traced' : null,
  }
}

function renewCount(row: OpenStuckDelivery, reader: DestinationReader | null, nowMs: number): StuckRenewal {
  const same = unchanged(row)
  if (reader === null) return { ...same, resolution: 'the group does not read there any more' }
  const newestMs = row.newestSentAt.getTime()
  if (row.verdict !== 'passed' && reader.asOfMs !== null && reader.lanes.length > 0) {
    const waiting = reader.lanes.reduce(
      (sum, { committed, start, end }) => sum + Math.max(0, end - Math.max(committed ?? start, start)),
      0,
    )
    const isPast = reader.lanes.every(
      (lane) =>
        lane.committed === lane.end ||
        (lane.timeBehindMs !== null && (reader.asOfMs ?? 0) - lane.timeBehindMs > newestMs),
    )
    return {
      ...same,
      messageCount: Math.min(row.messageCount, waiting),
      sinceMs: oldestUnprocessedMs(reader),
      resolution: isPast ? 'the group came past them' : null,
    }
  }
  return { ...same, resolution: nowMs - newestMs > QUIET_MS + row.expectedMs ? 'no more of them' : null }
}

/** null when the age of some lane is not known. */
function oldestUnprocessedMs({ asOfMs, lanes }: DestinationReader): number | null {
  const ages = lanes.map(({ committed, end, timeBehindMs }) => (committed === end ? 0 : timeBehindMs))
  return asOfMs === null || ages.includes(null) ? null : asOfMs - Math.max(...ages.map((age) => age ?? 0))
}
