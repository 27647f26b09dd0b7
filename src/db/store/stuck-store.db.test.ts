import { beforeAll, expect, test } from 'vitest'
import { listStuck, type NewStuckDelivery, saveStuck } from '#db/store/stuck-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const database = useTestDatabase()
const NOW_MS = Date.UTC(2026, 0, 5, 12)

const row = (index: number, over: Partial<NewStuckDelivery> = {}): NewStuckDelivery => ({
  clusterId: 'k1',
  groupName: 'email',
  readFrom: 'payments',
  destination: 'payments',
  subject: `t:${index}`,
  system: 'kafka',
  senderService: 'payments',
  flowKey: `order-${index}`,
  traceId: 't',
  spanId: String(index),
  messageHash: null,
  positionHash: null,
  lane: null,
  position: null,
  verdict: 'waiting',
  sentence: 'waiting',
  advice: null,
  messageCount: 1,
  expectedMs: 30_000,
  // Two of each moment: pages are cut between equals too.
  sentAt: new Date(NOW_MS + Math.floor(index / 2)),
  newestSentAt: new Date(NOW_MS),
  ...over,
})

beforeAll(() =>
  saveStuck(
    database().database,
    Array.from({ length: 25 }, (_, index) => row(index)),
  ),
)

test('pages of stuck messages meet without a gap or an overlap, the oldest first', async () => {
  const keys: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof listStuck>> = await listStuck(database().database, {
      destination: 'payments',
      group: 'email',
      limit: 7,
      cursor,
    })
    keys.push(...page.deliveries.map(({ flowKey }) => flowKey))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(keys).toEqual(Array.from({ length: 25 }, (_, index) => `order-${index}`))
})

test('a message that is found again is renewed, not doubled; the counted rest grows', async () => {
  const { database: db } = database()
  const counted = row(99, { subject: 'more:waiting', groupName: 'audit', messageCount: 10 })
  await saveStuck(db, [row(3, { groupName: 'audit' }), counted])
  await saveStuck(db, [row(3, { groupName: 'audit', verdict: 'passed' }), counted])
  const { deliveries } = await listStuck(db, { destination: null, group: 'audit', limit: 10, cursor: null })
  expect(deliveries.map(({ verdict, messageCount, isCounted }) => [verdict, messageCount, isCounted])).toEqual([
    ['passed', 1, false],
    ['waiting', 20, true],
  ])
})
