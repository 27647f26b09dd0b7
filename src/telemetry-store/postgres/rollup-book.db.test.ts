import { beforeEach, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { readEdges } from '#telemetry-store/postgres/read-edges.ts'
import { RollupBook } from '#telemetry-store/postgres/rollup-book.ts'
import type { RollupFact } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'

const database = useTestDatabase()
const NOW_MS = Date.UTC(2026, 0, 5, 12)
const T0 = NOW_MS * 1000
const WINDOW = { fromUs: T0 - 60_000_000, toUs: T0 + 60_000_000 }

beforeEach(async () => {
  await ensurePartitions(database().pool, NOW_MS)
  await database().pool.query('truncate rollup, flow_mark')
})

const idOf = (number: number): string => String.fromCharCode(1, 2, 3, 4, 5, 6, number >> 8, number & 255)
const factOf = (part: Partial<RollupFact>): RollupFact => ({
  isSent: false,
  isProcess: true,
  atUs: T0,
  durationUs: 2_000,
  isError: false,
  destination: 'orders',
  consumerGroup: null,
  service: 'checkout',
  spanId: idOf(0),
  traceId: 'ab'.repeat(16),
  flowKey: null,
  senders: [],
  ...part,
})
const sentBy = (service: string, id: number): RollupFact =>
  factOf({ isSent: true, isProcess: false, service, spanId: idOf(id) })
const takenBy = (service: string, senders: readonly number[], part: Partial<RollupFact> = {}): RollupFact =>
  factOf({ service, consumerGroup: `${service}-group`, atUs: T0 + 3_000_000, senders: senders.map(idOf), ...part })

const edgesOf = async (book: RollupBook): Promise<readonly unknown[]> => {
  await book.flush(database().pool, NOW_MS)
  const { edges: found } = await readEdges(database().pool, WINDOW)
  const edges = found.filter((edge) => edge.receivedCount !== 0)
  return edges
    .map(({ fromService, service, receivedCount, errorCount, dwell, processing }) => ({
      edge: `${fromService ?? '?'} > ${service}`,
      receivedCount,
      errorCount,
      waited: [...dwell.values()].reduce((sum, count) => sum + count, 0),
      processed: [...processing.values()].reduce((sum, count) => sum + count, 0),
    }))
    .toSorted((left, right) => (left.edge < right.edge ? -1 : 1))
}

test('a receipt counts for the service that produced the message, whichever half comes first', async () => {
  const book = new RollupBook()
  book.add([
    sentBy('checkout', 1),
    takenBy('mailer', [1]),
    takenBy('mailer', [2], { isError: true }),
    sentBy('shop', 2),
  ])
  expect(await edgesOf(book)).toEqual([
    { edge: 'checkout > mailer', receivedCount: 1, errorCount: 0, waited: 1, processed: 1 },
    { edge: 'shop > mailer', receivedCount: 1, errorCount: 1, waited: 1, processed: 1 },
  ])
})

test('a receipt that was written before its sender turned up moves to him and is not counted twice', async () => {
  const book = new RollupBook()
  book.add([takenBy('mailer', [1], { isError: true }), takenBy('mailer', [9])])
  const unknown = { edge: '? > mailer', receivedCount: 2, errorCount: 1, waited: 0, processed: 2 }
  expect(await edgesOf(book)).toEqual([unknown])
  book.add([sentBy('checkout', 1)])
  expect(await edgesOf(book)).toEqual([
    { ...unknown, receivedCount: 1, errorCount: 0, processed: 1 },
    { edge: 'checkout > mailer', receivedCount: 1, errorCount: 1, waited: 1, processed: 1 },
  ])
})

test('messages of a batch count for their own producers, the span itself for none of several', async () => {
  const book = new RollupBook()
  book.add([sentBy('checkout', 1), sentBy('shop', 2), takenBy('mailer', [1, 2, 3], { isError: true })])
  expect(await edgesOf(book)).toEqual([
    { edge: '? > mailer', receivedCount: 1, errorCount: 1, waited: 0, processed: 1 },
    { edge: 'checkout > mailer', receivedCount: 1, errorCount: 0, waited: 1, processed: 0 },
    { edge: 'shop > mailer', receivedCount: 1, errorCount: 0, waited: 1, processed: 0 },
  ])
})

test('a message that two services take is an edge to each of them', async () => {
  const book = new RollupBook()
  book.add([takenBy('mailer', [1]), takenBy('billing', [1]), sentBy('checkout', 1)])
  expect(await edgesOf(book)).toMatchObject([
    { edge: 'checkout > billing', receivedCount: 1, waited: 1 },
    { edge: 'checkout > mailer', receivedCount: 1, waited: 1 },
  ])
})

test('sums that could not be written are written the next time, once', async () => {
  const book = new RollupBook()
  book.add([sentBy('checkout', 1), takenBy('mailer', [1])])
  await database().pool.query('alter table rollup rename to rollup_away')
  await expect(book.flush(database().pool, NOW_MS)).rejects.toThrow('rollup')
  await database().pool.query('alter table rollup_away rename to rollup')
  book.add([sentBy('checkout', 2), takenBy('mailer', [2])])
  expect(await edgesOf(book)).toMatchObject([{ edge: 'checkout > mailer', receivedCount: 2, waited: 2 }])
  expect(await edgesOf(book)).toMatchObject([{ receivedCount: 2 }])
})

test('a third attempt and a long wait are posted with their flow', async () => {
  const book = new RollupBook()
  const again = takenBy('mailer', [4], { flowKey: 'order-4' })
  book.add([again, again, again, sentBy('checkout', 4)])
  await book.flush(database().pool, NOW_MS)
  const { rows } = await database().pool.query('select kind, value::int, flow_key from flow_mark order by kind, value')
  expect(rows).toEqual([
    ...[3_000_000, 3_000_000, 3_000_000].map((value) => ({ kind: 1, value, flow_key: 'order-4' })),
    ...[2, 3].map((value) => ({ kind: 2, value, flow_key: 'order-4' })),
  ])
})
